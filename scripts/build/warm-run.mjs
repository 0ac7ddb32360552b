// What `hopmark run` takes until it shows its program, beside what scripts take of the same chunks.
import { fileURLToPath } from "node:url";
import chunks from "../../dist/chunks/load.cjs";

const program = fileURLToPath(new URL("../../examples/count-sources.bpf.ts", import.meta.url));
const { main } = chunks.loadChunk("./entry-cli-main.cjs");
const ended = main(["run", program, "--dev", "lo", "--json", "--seconds", "1"]);
// Of all that, nothing waits for an event.
setImmediate(() => {
  if (!chunks.loaded.has("./showing.cjs")) return;
  const needless = ["compiler", "follow", "mark", "system"].filter((name) => chunks.loaded.has(`./${name}.cjs`));
  // Others' dead labs are another matter.
  if (needless.length > 0 && !chunks.loaded.has("./lab.cjs"))
    throw new Error(`hopmark run loads ${needless.join(", ")}`);
  chunks.saveCode();
  process.exit();
});
const NOT_PERMITTED = 4;
const status = await ended;
// Root may lack rights, in a container; it says so.
if (status !== NOT_PERMITTED) throw new Error(`hopmark run ended with ${status}`);
