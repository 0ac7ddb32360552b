/** What the commands of `ioam` share. */
import { ConfigError } from "../errors.ts";
import type { WordSpec } from "./framework/command.ts";
import { integer } from "./framework/values.ts";

export const deviceWord = {
  value: "DEVICE",
  description: "the interface",
  complete: "device",
} as const satisfies WordSpec;

/** What reading and changing pinned programs takes. */
export const ioamRights = ["CAP_BPF", "CAP_NET_ADMIN", "CAP_SYS_ADMIN"] as const;

export const readNamespaceId = integer(0, 0xffff);
export const readTraceType = integer(0, 0xff_ffff);
export const readSchemaId = integer(0, 0xff_fffe);
export const readData32 = integer(0, 0xffff_ffff);

/** 64 bits, decimal or `0x…`. */
export const readData64 = (text: string): bigint => {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : -1n;
  if (value >= 0n && value < 1n << 64n) return value;
  throw new Error(`"${text}" is not a number of 64 bits`);
};

/** Bytes in hexadecimal, with or without `0x`. */
export const readBytes = (text: string): Uint8Array => {
  const digits = text.replace(/^0x/i, "");
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw new ConfigError(`"${text}" is not bytes in hexadecimal, as in c0ffee00`);
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => parseInt(byte, 16));
};

/** `K/N`. */
export const readFrequency = (text: string): { packets: number; of: number } => {
  const [, packets, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (packets === undefined || of === undefined) throw new Error(`"${text}" is not K/N, as in 1/100`);
  return { packets: Number(packets), of: Number(of) };
};

/** The word after `trace`. */
export const readTraceKind = (text: string): "prealloc" | "dex" => {
  if (text === "prealloc" || text === "dex") return text;
  throw new Error(`"${text}" is not prealloc or dex: Hopmark inserts pre-allocated traces, and Direct Export`);
};

/** For the `netns` of a target. */
export const targetOf = (device: string, netns: string | undefined): { device: string; netns: string | undefined } => ({
  device,
  netns,
});

/** `0xfe0000` */
export const typeText = (traceType: number): string => `0x${traceType.toString(16).padStart(6, "0")}`;
