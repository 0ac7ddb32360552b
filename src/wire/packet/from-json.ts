/** Back from JSON: what {@link packetToJson} made of layers, as the encoder takes them. */
import { fromHex } from "../hex.ts";
import type { JsonValue } from "./json.ts";
import type { LayerInput } from "./registry.ts";

/** Keys whose values are runs of bytes, `0x…` in JSON. */
const byteKeys: ReadonlySet<string> = new Set(["bytes", "data", "fields", "sname", "file"]);
/** Keys of 64-bit numbers, decimals in JSON. */
const wideKeys: ReadonlySet<string> = new Set([
  "seq",
  "reference",
  "origin",
  "receive",
  "transmit",
  "initiator",
  "responder",
]);
/** What is text in decoded layers too. */
const textual: ReadonlySet<string> = new Set(["trace", "edgeToEdge", "directExport"]);

/** Layers of a packet's JSON, for `encodePacket`. TypeError when it is no such JSON. */
export const layersFromJson = (packet: JsonValue): LayerInput[] => {
  const layers = isRecord(packet) ? packet["layers"] : undefined;
  if (!Array.isArray(layers)) throw new TypeError("this JSON has no layers");
  return layers.map((layer: JsonValue) => revive("", layer) as LayerInput);
};

const revive = (key: string, value: JsonValue): unknown => {
  if (typeof value === "string") {
    if (byteKeys.has(key)) return fromHex(value.slice(2));
    return wideKeys.has(key) ? BigInt(value) : value;
  }
  if (textual.has(key)) return value;
  if (Array.isArray(value)) return value.map((element: JsonValue) => revive("", element));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, revive(name, own)]));
};

const isRecord = (value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
