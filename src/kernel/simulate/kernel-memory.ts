/** What programs copy from the kernel's memory, in V8. */
import { HopmarkError } from "../../errors.ts";
import { formatAddress } from "../../wire/address.ts";
import { encodeLayout } from "../../wire/codec.ts";
import type { Layout } from "../../wire/layout.ts";
import type { KernelIpv6 } from "../tracing-helpers.ts";
import { Memory } from "./memory.ts";
import { liveField, view } from "./view.ts";

/** A copy of an object that stands for memory; null for null and for an address that nothing was given for. */
export const probeRead = (layout: Layout, pointer: unknown): object | null => {
  if (pointer === null || typeof pointer === "bigint") return null;
  if (pointer instanceof Uint8Array) {
    return pointer.length < layout.size ? null : view(layout, new Memory(pointer.slice(0, layout.size)), 0);
  }
  return view(layout, new Memory(encodeLayout<unknown>(layout, pointer)), 0);
};

/** Text is a string, or an array of bytes. */
export const copyString = (target: object, name: string, source: unknown): boolean => {
  const { state, field } = liveField(target, name);
  const length = field.bits / 8;
  const at = state.offset + field.bitOffset / 8;
  const bytes = state.memory.bytes.subarray(at, at + length);
  bytes.fill(0);
  if (source === null || typeof source === "bigint") return false;
  const text = textBytes(source);
  const end = text.indexOf(0);
  bytes.set(text.subarray(0, Math.min(end < 0 ? text.length : end, length - 1)));
  return true;
};

const textBytes = (source: unknown): Uint8Array => {
  if (typeof source === "string") return new TextEncoder().encode(source);
  if (Array.isArray(source)) return Uint8Array.from(source as number[]);
  throw new HopmarkError("not-text", "text of the kernel is a string, or an array of bytes, in simulate()");
};

/** An address is its text, or an object as `struct in6_addr` is, with the bytes. */
export const ipv6Of = (address: unknown): string => {
  if (typeof address === "string") return address;
  return formatAddress("ipv6", Uint8Array.from((address as KernelIpv6).in6_u.u6_addr8), 0);
};
