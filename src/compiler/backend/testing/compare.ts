/** Runs one function as IR and as emitted code over the same memory, and tells the differences. */
import type { MachineCode } from "../../object/machine-code.ts";
import type { SsaFunction } from "../../ssa/ir.ts";
import { addressOf } from "./addresses.ts";
import { evaluate } from "./evaluate.ts";
import { interpret } from "./interpret.ts";
import { Memory } from "./memory.ts";
import { CONTEXT_BYTES, LOOKUP, MAP_BYTES, maps, table } from "./random-function.ts";
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

/** What a program for the kernel finds and leaves: its packet, the values of {@link maps} and {@link table}. */
export interface Surroundings {
  readonly packet: Uint8Array;
  readonly values: readonly Uint8Array[];
  readonly table: Uint8Array;
}

export const surroundings = (seed: number): Surroundings => {
  const source = random(seed);
  const fill = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => source.below(256));
  return { packet: fill(96), values: maps.map(() => fill(MAP_BYTES)), table: fill(32) };
};

/** Runs a program made with `kernel: true` as IR, on bytes that it changes in place. Returns the verdict, 32 bits signed. */
export const runXdp = (fn: SsaFunction, { packet, values, table: entries }: Surroundings): number => {
  const memory = new Memory();
  const context = new Uint8Array(8);
  const view = new DataView(context.buffer);
  view.setUint32(0, Number(PACKET), true);
  view.setUint32(4, Number(PACKET) + packet.length, true);
  memory.add(CONTEXT, context);
  memory.add(PACKET, packet);
  maps.forEach((map, i) => memory.add(addressOf(map), values[i]!));
  memory.add(addressOf(table), entries);
  memory.helper = (id, args) => {
    const [first = 0n, second = 0n, third = 0n, fourth = 0n] = args;
    if (id === LOOKUP) {
      const index = memory.read(second, 4);
      return index < 4n ? first + index * 8n : 0n;
    }
    const offset = BigInt.asUintN(32, second);
    if (offset + fourth > BigInt(packet.length)) return EINVAL;
    for (let i = 0n; i < fourth; i++) memory.write(third + i, 1, memory.read(PACKET + offset + i, 1));
    return 0n;
  };
  return Number(BigInt.asIntN(32, evaluate(fn, memory, CONTEXT)));
};

const PACKET = 0x1800_0000n;
const EINVAL = BigInt.asUintN(64, -22n);

export const outcomeOfIr = (fn: SsaFunction, seed: number): Outcome =>
  run(seed, (memory) => evaluate(fn, memory, CONTEXT));

export const outcomeOfCode = (code: MachineCode, seed: number): Outcome =>
  run(seed, (memory) => interpret(code, memory, CONTEXT).result);
