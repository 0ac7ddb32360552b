/** Packets as JSON values. */
import { toHex } from "../hex.ts";
import type { DecodedPacket } from "./decode.ts";

/** What survives JSON. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A decoded packet without its raw bytes: bigints as decimal strings, byte runs as `0x…`, addresses as text. */
export const packetToJson = ({
  linkType,
  wireLength,
  bytes,
  layers,
  truncated,
  malformed,
}: DecodedPacket): JsonValue => ({
  linkType,
  capturedLength: bytes.length,
  wireLength,
  truncated,
  malformed,
  layers: toJson(layers),
});

/** Any decoded value as JSON. */
export const toJson = (value: unknown): JsonValue => {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(toJson);
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, toJson(own)]));
};
