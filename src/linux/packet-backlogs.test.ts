import { expect, test } from "vitest";
import { waitForBacklogs } from "./packet-backlogs.ts";

/** A CPU's line of /proc/net/softnet_stat, as far as it is read. */
const line = (cpu: number, waiting: number): string =>
  ["ffffffff", "1", "2", "0", "0", "0", "0", "0", "0", "0", "0", waiting.toString(16), cpu.toString(16)].join(" ");

test("each CPU once, whenever that is", () => {
  const seen = [
    [line(0, 0), line(1, 300)],
    [line(0, 20), line(1, 1)],
    [line(0, 20), line(1, 0)],
    [line(0, 0), line(1, 0)],
  ];
  expect(waitForBacklogs(10_000, () => `${seen.shift()?.join("\n")}\n`)).toBe(true);
  expect(seen.length).toBe(1);
});

test("a CPU that does not come to an end is waited for so long", () => {
  expect(waitForBacklogs(5, () => line(0, 1))).toBe(false);
});

test("this machine's", () => expect(waitForBacklogs(10_000)).toBe(true));
