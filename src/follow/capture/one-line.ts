/** The line of pval's sample tool, one a packet: time, Ethernet addresses and type, and IPv4's addresses. */
import { formatAddress } from "../../wire/address.ts";
import type { LineWriter } from "../../wire/line/line-writer.ts";
import { EtherType } from "../../wire/numbers.ts";
import type { PacketBatch } from "./batch.ts";

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;

/** `0 08:00:27:19:12:a4 -> ea:51:d7:0c:95:1a Type0800, 10.0.0.2 -> 10.0.0.3`: nanoseconds since 1970, 0 where there is no time. */
export const writeOneLine = (writer: LineWriter, batch: PacketBatch, n: number): void => {
  const { bytes } = batch;
  const start = batch.offset[n]!;
  const end = start + batch.captured[n]!;
  const [seconds, nanoseconds] = [batch.seconds[n]!, batch.nanoseconds[n]!];
  writer.text(seconds === 0 ? String(nanoseconds) : `${seconds}${String(nanoseconds).padStart(9, "0")}`);
  if (start + ETHERNET_BYTES > end) {
    writer.text(" [|ether]\n");
    return;
  }
  const type = (bytes[start + 12]! << 8) | bytes[start + 13]!;
  writer.text(` ${formatAddress("mac", bytes, start + 6)} -> ${formatAddress("mac", bytes, start)}`);
  writer.text(` Type${type.toString(16).padStart(4, "0")}`);
  const ip = start + ETHERNET_BYTES;
  if (type === EtherType.Ipv4 && ip + IPV4_BYTES <= end) {
    writer.text(`, ${formatAddress("ipv4", bytes, ip + 12)} -> ${formatAddress("ipv4", bytes, ip + 16)}`);
  }
  writer.newline();
};
