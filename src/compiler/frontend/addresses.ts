/** Addresses (MAC, IPv4, IPv6) as register-sized chunks in memory order. */
import { addressFamily, addressSize, formatAddress, parseAddress } from "../../wire/address.ts";
import type { AddressFamily } from "../../wire/layout.ts";
import type { Node } from "../ssa/ir.ts";
import { loadBytes } from "./memory.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, type Chunk, type Region, type Value } from "./values.ts";

const sizes: Readonly<Record<AddressFamily, readonly Chunk["size"][]>> = { mac: [4, 2], ipv4: [4], ipv6: [8, 8] };

/** The chunks of an address in memory. */
export const loadAddress = (
  unit: Unit,
  region: Region,
  pointer: Node,
  { family, offset }: { readonly family: AddressFamily; readonly offset: number },
): readonly Chunk[] => {
  let at = offset;
  return sizes[family].map((size): Chunk => {
    const node = loadBytes(unit, region, pointer, at, size);
    at += size;
    return { node, size };
  });
};

/** The chunks of an address value, or of a constant address given as its canonical text. */
export const addressChunks = (unit: Unit, family: AddressFamily, value: Value): readonly Chunk[] => {
  if (value.kind === "wide") {
    if (value.family !== family)
      unit.refuse(
        "HM1111",
        `this is an address of family ${value.family}, ${family} is needed; compare and copy addresses of one family`,
      );
    return value.chunks;
  }
  if (!isStatic(value) || typeof value.value !== "string")
    return unit.refuse(
      "HM1206",
      `an address (${family}) is needed here, not ${describe(value)}; write ${family}("…"), or a field of that kind`,
    );
  const bytes = bytesOf(family, value.value);
  if (bytes === null)
    return unit.refuse(
      "HM1206",
      `"${value.value}" is not the canonical text of an address (${family}); ${canonical(family, value.value)}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  return sizes[family].map((size): Chunk => {
    const bits =
      size === 8
        ? view.getBigInt64(at, true)
        : BigInt(size === 4 ? view.getUint32(at, true) : view.getUint16(at, true));
    at += size;
    return { size, node: unit.builder.constant(bits) };
  });
};

/** The chunks of a constant address, given as its canonical text; null for anything else. */
export const constantChunks = (unit: Unit, value: Value): readonly Chunk[] | null => {
  const family = isStatic(value) && typeof value.value === "string" ? addressFamily(value.value) : null;
  return family === null ? null : addressChunks(unit, family, value);
};

/** The bytes of an address in its canonical text, in which V8 compares it; null for any other text. */
const bytesOf = (family: AddressFamily, text: string): Uint8Array | null => {
  const bytes = new Uint8Array(addressSize(family));
  return parseAddress(family, text, bytes, 0) && formatAddress(family, bytes, 0) === text ? bytes : null;
};

const examples = { mac: "02:00:00:00:00:01", ipv4: "10.0.0.1", ipv6: "db01::1" } as const;

/** What to write in place of another text. */
const canonical = (family: AddressFamily, text: string): string => {
  const bytes = new Uint8Array(addressSize(family));
  return parseAddress(family, text, bytes, 0)
    ? `write "${formatAddress(family, bytes, 0)}"`
    : `write one as in "${examples[family]}"`;
};

/** The family of values that are all addresses, run-time ones or canonical text; null when they are not. */
export const commonFamily = (values: readonly Value[]): AddressFamily | null => {
  const isOf =
    (family: AddressFamily) =>
    (value: Value): boolean =>
      value.kind === "wide"
        ? value.family === family
        : isStatic(value) && typeof value.value === "string" && bytesOf(family, value.value) !== null;
  return (["mac", "ipv4", "ipv6"] as const).find((family) => values.every(isOf(family))) ?? null;
};
