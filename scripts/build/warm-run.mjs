// What `hopmark run` takes until it shows its program, beside what scripts take of the same chunks.
import { fileURLToPath } from "node:url";
import chunks from "../../dist/chunks/load.cjs";

const program = fileURLToPath(new URL("../../examples/count-sources.bpf.ts", import.meta.url));
void chunks.loadChunk("./entry-cli-main.cjs").main(["run", program, "--dev", "lo", "--json"]);
// Of all that, nothing waits for an event.
setImmediate(() => {
  if (!chunks.loaded.has("./showing.cjs")) throw new Error("hopmark run showed nothing");
  chunks.saveCode();
  process.exit();
});
