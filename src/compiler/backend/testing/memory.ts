/** Memory for programs run without a kernel: regions of bytes at made-up addresses, and helpers with a visible effect. */
import { HopmarkError } from "../../../errors.ts";

export interface Region {
  readonly base: bigint;
  readonly bytes: Uint8Array;
}

export class Memory {
  readonly regions: Region[] = [];
  /** Every helper call with its arguments and result, in order. */
  readonly calls: string[] = [];

  add(base: bigint, bytes: Uint8Array): Region {
    const region = { base, bytes };
    this.regions.push(region);
    return region;
  }

  #find(address: bigint, size: number): { bytes: Uint8Array; at: number } {
    for (const { base, bytes } of this.regions) {
      if (address >= base && address + BigInt(size) <= base + BigInt(bytes.length)) {
        return { bytes, at: Number(address - base) };
      }
    }
    throw new HopmarkError("out-of-bounds", `${size} bytes at 0x${address.toString(16)} are in no region`);
  }

  read(address: bigint, size: number): bigint {
    const { bytes, at } = this.#find(address, size);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]!);
    return value;
  }

  write(address: bigint, size: number, value: bigint): void {
    const { bytes, at } = this.#find(address, size);
    for (let i = 0; i < size; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }

  /** Answers helpers in place of the made-up ones below. */
  helper: ((id: number, args: readonly bigint[]) => bigint) | null = null;

  /** Helpers from {@link POINTER_HELPERS} on take a pointer to 8 bytes first, which they read and change. */
  call(helper: number | string, args: readonly bigint[]): bigint {
    if (this.helper !== null && typeof helper === "number") return this.helper(helper, args);
    let hash = 0xcbf29ce484222325n;
    const mix = (value: bigint): void => {
      hash = BigInt.asUintN(64, (hash ^ value) * 0x100000001b3n) ^ (hash >> 29n);
    };
    const seen = [...args];
    const pointer = typeof helper === "number" && helper >= POINTER_HELPERS ? args[0] : undefined;
    if (pointer !== undefined) seen[0] = this.read(pointer, 8);
    mix(typeof helper === "number" ? BigInt(helper) : BigInt(helper.length));
    seen.forEach(mix);
    if (pointer !== undefined) this.write(pointer, 8, hash ^ 0x5555n);
    this.calls.push(`${helper}(${seen.join(", ")}) = ${hash}`);
    return hash;
  }
}

export const POINTER_HELPERS = 100;

/** One atomic step on memory; returns the old value. */
export const atomicStep = (
  memory: Memory,
  op: string,
  address: bigint,
  size: number,
  operand: bigint,
  expected: bigint,
): bigint => {
  const bits = size * 8;
  const old = memory.read(address, size);
  const value = BigInt.asUintN(bits, operand);
  const result = (): bigint => {
    switch (op.replace("fetch_", "")) {
      case "add":
        return old + value;
      case "and":
        return old & value;
      case "or":
        return old | value;
      case "xor":
        return old ^ value;
      case "exchange":
        return value;
      default:
        return old === BigInt.asUintN(bits, expected) ? value : old;
    }
  };
  memory.write(address, size, BigInt.asUintN(bits, result()));
  return old;
};
