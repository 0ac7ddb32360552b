// Fuzzing and benchmarks load TypeScript through the build's own loader.
import { existsSync } from "node:fs";

if (!existsSync(new URL("../dist/compiler/source/register.js", import.meta.url))) {
  console.error("there is no build yet: run `npm run build` first");
  process.exit(1);
}
