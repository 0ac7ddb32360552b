import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runHopmark, type Ended } from "../fixtures/program.ts";

/** Runs `hopmark dump --help`, some 5 KiB, into a file on a disk with room for so many pages of 4 KiB. */
const intoDisk = (pages: number): Promise<Ended> => {
  const disk = mkdtempSync(join(tmpdir(), "hopmark-disk-"));
  onTestFinished(() => rmSync(disk, { recursive: true }));
  const script = `mount -t tmpfs -o size=64k none ${disk} || exit 99; head -c $((4096 * ${16 - pages})) /dev/zero >${disk}/before; exec "$@" >${disk}/out`;
  return runHopmark(["dump", "--help"], ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]);
};

test.each([0, 1])("a disk with room for %i pages was full, and what was not written was not missed", async (pages) => {
  expect(await intoDisk(pages)).toMatchObject({
    status: 1,
    stderr: "hopmark: cannot write standard output: no space left on device\n  make room, or send it elsewhere\n",
  });
});

test("where there is room, all is well", async () => {
  expect(await intoDisk(4)).toMatchObject({ status: 0, stderr: "" });
});

test("notes that find no room end nothing", async () => {
  const noted = await runHopmark(["link", "show"], ["unshare", "--net", "sh", "-c", 'exec "$@" 2>/dev/full', "sh"]);
  expect(noted).toEqual({ status: 0, stdout: "", stderr: "" });
});
