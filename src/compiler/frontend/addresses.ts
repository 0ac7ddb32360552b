/** Addresses (MAC, IPv4, IPv6) as register-sized chunks in memory order. */
import { addressBytes } from "../../wire/address.ts";
import type { AddressFamily } from "../../wire/layout.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, type Chunk, type Value } from "./values.ts";

const sizes: Readonly<Record<AddressFamily, readonly Chunk["size"][]>> = { mac: [4, 2], ipv4: [4], ipv6: [8, 8] };

export const chunkSizes = (family: AddressFamily): readonly Chunk["size"][] => sizes[family];

/** The chunks of an address value, or of a constant address given as its canonical text. */
export const addressChunks = (unit: Unit, family: AddressFamily, value: Value): readonly Chunk[] => {
  if (value.kind === "wide") {
    if (value.family !== family)
      unit.refuse("HM1111", `this is an address of family ${value.family}, ${family} is needed`);
    return value.chunks;
  }
  if (!isStatic(value) || typeof value.value !== "string")
    return unit.refuse("HM1206", `an address (${family}) is needed here, not ${describe(value)}`);
  const bytes = addressBytes(family, value.value);
  if (bytes === undefined)
    return unit.refuse(
      "HM1206",
      `"${value.value}" is not the canonical text of an address (${family}); write ${family}("${value.value}") from hopmark/wire`,
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
