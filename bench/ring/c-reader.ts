/** Consumers in C, as processes: what ours is measured against. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** libbpf's, and a loop that does no more than the protocol demands. */
export type CReaderKind = "libbpf" | "loop";

export interface CReader {
  /** Without libbpf's headers there is the loop alone. */
  readonly hasLibbpf: boolean;
  /** Reads what is in the ring: records a second. Throws unless they are so many, each with a first word of `value`. */
  drain(kind: CReaderKind, map: number, records: number, value: number): number;
  /** Reads for so long what {@link produce} writes: records a second. */
  live(kind: CReaderKind, map: number, ms: number, value: number): number;
  /** Waits for so many records whose first words are the times when they were written: how much later it saw each, ns. */
  wake(map: number, records: number): readonly number[];
  /** ns of CPU while nothing comes for so long. */
  idle(map: number, ms: number): number;
  /** Runs a program once every so often until it is killed, there too. */
  tick(program: number, cpu: number, us: number): ChildProcess;
  /** Runs a program again and again until it is killed, on another CPU than this one if there is one. */
  produce(program: number, cpu: number): ChildProcess;
  close(): void;
}

/** Undefined where there is no C compiler. */
export const buildCReader = (): CReader | undefined => {
  const folder = mkdtempSync(join(tmpdir(), "hopmark-ring-reader-"));
  const file = join(folder, "reader");
  const source = fileURLToPath(new URL("reader.c", import.meta.url));
  const close = (): void => rmSync(folder, { recursive: true });
  const build = (isQuiet: boolean, ...more: readonly string[]): boolean =>
    spawnSync("cc", ["-O2", "-Wall", "-Werror", "-o", file, source, ...more], { stdio: isQuiet ? "ignore" : "inherit" })
      .status === 0;
  const hasLibbpf = build(true, "-DLIBBPF", "-lbpf");
  if (!hasLibbpf && !build(false)) {
    close();
    return undefined;
  }
  const words = (request: readonly string[]): readonly string[] => {
    const { stdout, stderr, status } = spawnSync(file, request, { encoding: "utf8" });
    if (status !== 0) throw new Error(`reader ${request.join(" ")}: ${stderr}`);
    return stdout.trim().split(/\s+/);
  };
  const run = (request: readonly string[], value: number): { readonly records: number; readonly rate: number } => {
    const [records = NaN, sum = NaN, ns = NaN] = words(request).map(Number);
    if (sum !== records * value)
      throw new Error(`reader ${request.join(" ")}: ${records} records with a sum of ${sum}`);
    return { records, rate: (records * 1e9) / ns };
  };
  return {
    hasLibbpf,
    drain: (kind, map, wanted, value) => {
      const { records, rate } = run(["drain", kind, String(map), String(wanted)], value);
      if (records !== wanted) throw new Error(`the C reader found ${records} records of ${wanted}`);
      return rate;
    },
    live: (kind, map, ms, value) => run(["live", kind, String(map), String(ms)], value).rate,
    wake: (map, records) => words(["wake", "loop", String(map), String(records)]).map(Number),
    idle: (map, ms) => Number(words(["idle", "loop", String(map), String(ms)])[0]),
    tick: (program, cpu, us) => spawn(file, ["tick", String(program), String(cpu), String(us)], { stdio: "ignore" }),
    produce: (program, cpu) => spawn(file, ["produce", String(program), String(cpu)], { stdio: "ignore" }),
    close,
  };
};
