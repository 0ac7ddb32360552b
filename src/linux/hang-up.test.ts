import { closeSync, openSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { hungUp } from "./hang-up.ts";

const reports = (stdout: string): string =>
  `import { hungUp } from ${JSON.stringify(new URL("../../build/linux/hang-up.js", import.meta.url).href)};
  for (let looks = 0; looks < 400 && !hungUp(${stdout}); looks++) await new Promise((done) => setTimeout(done, 10));
  process.exit(hungUp(${stdout}) ? 7 : 8);`;

test("the reader of a pipe that has gone is noticed without writing", async () => {
  // The shell's own pipe: Node's to its children are sockets.
  const script = `{ "$0" --input-type=module -e "$1"; echo "$?" >&2; } | sleep 0.2`;
  const child = spawn("sh", ["-c", script, process.execPath, reports("1")], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (said += part));
  await once(child, "close");
  expect(said).toBe("7\n");
});

test("the other end of a socket that has gone is, too", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", reports("1")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.destroy();
  expect(await once(child, "exit")).toEqual([7, null]);
});

test("files, and what is not open, have not", () => {
  const fd = openSync("/dev/null", "w");
  onTestFinished(() => closeSync(fd));
  expect(hungUp(fd)).toBe(false);
  expect(hungUp(9999)).toBe(false);
});
