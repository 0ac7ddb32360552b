/** On Debian 12's kernel in an emulator, which takes minutes: what is essential in CI, all of it when someone types `npm run test:old-kernel`. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../../scripts/test-old-kernel", import.meta.url));

/** Beyond the limit that the machine itself has. */
const LIMIT_MS = 660_000;

test.runIf(process.env["CI"] !== undefined)("Hopmark on Linux 6.1", { timeout: LIMIT_MS }, async () => {
  const machine = spawn(script, ["--essential"], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [machine.stdout, machine.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
  const status = await new Promise((resolve, reject) => {
    machine.once("error", reject);
    machine.once("close", resolve);
  });
  console.log(said);
  expect(status, said).toBe(0);
});
