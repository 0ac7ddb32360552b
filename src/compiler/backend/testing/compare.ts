/** Runs one function as IR and as emitted code over the same memory, and tells the differences. */
import type { MachineCode } from "../../object/machine-code.ts";
import type { SsaFunction } from "../../ssa/ir.ts";
import { addressOf } from "./addresses.ts";
import { evaluate } from "./evaluate.ts";
import { interpret } from "./interpret.ts";
import { Memory } from "./memory.ts";
import { CONTEXT_BYTES, MAP_BYTES, maps } from "./random-function.ts";
import { random } from "./random.ts";

const CONTEXT = 0x1000_0000n;

export interface Outcome {
  readonly result: bigint;
  readonly calls: readonly string[];
  readonly memory: string;
}

const run = (seed: number, execute: (memory: Memory) => bigint): Outcome => {
  const source = random(seed);
  const memory = new Memory();
  const fill = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => source.below(256));
  memory.add(CONTEXT, fill(CONTEXT_BYTES));
  for (const map of maps) memory.add(addressOf(map), fill(MAP_BYTES));
  const visible = [...memory.regions];
  const result = execute(memory);
  return { result, calls: memory.calls, memory: visible.map(({ bytes }) => Buffer.from(bytes).toString("hex")).join() };
};

export const outcomeOfIr = (fn: SsaFunction, seed: number): Outcome =>
  run(seed, (memory) => evaluate(fn, memory, CONTEXT));

export const outcomeOfCode = (code: MachineCode, seed: number): Outcome =>
  run(seed, (memory) => interpret(code, memory, CONTEXT).result);
