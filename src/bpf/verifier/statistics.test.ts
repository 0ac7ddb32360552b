import { describe, expect, onTestFinished, test } from "vitest";
import { hashMap } from "../../kernel/maps.ts";
import { u32, u64 } from "../../wire/layout.ts";
import { add, assemble, exit, jumpGreater, mov } from "../fixtures/assembler.ts";
import { countingAt } from "../fixtures/programs.ts";
import { load } from "../instance.ts";
import { readStatistics, readSteps } from "./statistics.ts";

const logOf = (program: ReturnType<typeof assemble>, detail: "statistics" | "steps"): string => {
  let log = "";
  const loaded = load(program, { verifierLog: { detail, take: (text) => (log = text) } });
  onTestFinished(() => loaded.close());
  expect(loaded.info().verifiedInstructions).toBe(readStatistics(log)?.processed);
  return log;
};

const loop = assemble("xdp", "loop", [
  ["let i = 0;", mov(1, 0), mov(2, 10)],
  ["while (i < 10) i++;", add(1, 1), jumpGreater(2, 1, -2)],
  ["return 0;", mov(0, 0), exit()],
]);

describe("what the running kernel says of a program it takes", () => {
  test("totals and stack", () => {
    const program = countingAt(hashMap(u32, u64, { entries: 1 }), 2);
    const statistics = readStatistics(logOf(program, "statistics"));
    expect(statistics).toMatchObject({ limit: 1_000_000, stackBytes: [expect.any(Number)] });
    // The key's four bytes, rounded up.
    expect(statistics?.stackBytes[0]).toBe(8);
    expect(statistics?.peakStates).toBeGreaterThan(0);
    expect(statistics?.microseconds).toBeGreaterThanOrEqual(0);
  });

  test("how often each instruction was walked: a loop's body as often as it runs", () => {
    const log = logOf(loop, "steps");
    const walks = readSteps(log);
    expect(walks.get(0)).toBe(1);
    expect(walks.get(2)).toBe(10);
    const sum = [...walks.values()].reduce((total, times) => total + times, 0);
    expect(sum).toBe(readStatistics(log)?.processed);
  });
});

test("walks that end where the rest is known count as the verifier counts them", () => {
  const log = "0: (b7) r0 = 0\n1: (55) if r1 != 0x0 goto pc+1\n2: (95) exit\n\nfrom 1 to 3: R0=0\n3: (95) exit\n";
  const pruned =
    "2: safe\n\nfrom 1 to 3: safe\nfrom 1 to 3 (speculative execution): safe\nmark_precise: before 3: (95) exit\n";
  expect([...readSteps(log + pruned)]).toEqual([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});

test("functions have their stack each, in a log of any kernel", () => {
  const log =
    "verification time 91 usec\nstack depth 16+24+0\n" +
    "processed 42 insns (limit 1000000) max_states_per_insn 1 total_states 5 peak_states 3 mark_read 1\n";
  expect(readStatistics(log)).toEqual({
    processed: 42,
    limit: 1_000_000,
    totalStates: 5,
    peakStates: 3,
    stackBytes: [16, 24, 0],
    microseconds: 91,
  });
  expect(readStatistics("cut in the mid")).toBe(undefined);
});
