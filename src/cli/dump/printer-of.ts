/** How packets are printed: tcpdump's lines, JSON, or the sample tool's lines. */
import { ConfigError } from "../../errors.ts";
import type { PacketBatch } from "../../follow/capture/batch.ts";
import type { Capture } from "../../follow/capture/capture.ts";
import { writeOneLine } from "../../follow/capture/one-line.ts";
import { packetJson } from "../../follow/capture/packet-json.ts";
import { PacketFields } from "../../follow/capture/packet-fields.ts";
import { PacketLines } from "../../follow/capture/packet-lines.ts";
import type { LineWriter } from "../../wire/line/line-writer.ts";
import type { InterfaceName } from "../../wire/packet/protocol.ts";
import { lineOptions, type DumpOptions } from "./dump-options.ts";

export type PrintPacket = (batch: PacketBatch, n: number) => void;

/** ConfigError when two kinds are asked for. */
export const printerOf = (
  options: DumpOptions,
  json: boolean,
  capture: Capture,
  writer: LineWriter,
  interfaceName: InterfaceName | undefined,
): PrintPacket => {
  const kinds = { "--one": options.one, "--json": json, "--fields": options.fields !== undefined };
  const asked = Object.entries(kinds).flatMap(([flag, given]) => (given ? [flag] : []));
  if (asked.length > 1) throw new ConfigError(`dump: ${asked.join(" and ")} exclude each other`);
  if (options.fields !== undefined) {
    const columns = new PacketFields(writer, capture.interfaces, options.fields.split(","), options.fou);
    return (batch, n) => columns.add(batch, n);
  }
  if (options.one) return (batch, n) => writeOneLine(writer, batch, n);
  if (json) {
    let number = 0;
    return (batch, n) => {
      const own = capture.interfaces[batch.interfaceId[n]!]!;
      writer.text(JSON.stringify(packetJson(batch, n, ++number, own, options.fou)));
      writer.newline();
    };
  }
  const lines = new PacketLines(writer, capture.interfaces, { ...lineOptions(options), interfaceName });
  return (batch, n) => lines.add(batch, n);
};
