/**
 * A user's program that decodes what an interface receives into counters: packets and bytes by protocol and by UDP port. Says
 * what it counted, and what was lost, when it is told to end.
 */
import { openCapture } from "../../src/follow/index.ts";
import { EtherType, IpProtocol } from "../../src/wire/numbers.ts";
import { NetworkLayer } from "../../src/wire/packet/network-layer.ts";

const [device = "", kib = "0"] = process.argv.slice(2);
const capture = await openCapture({ device, filter: "udp", bufferBytes: Number(kib) * 1024 });
process.on("SIGINT", () => capture.stop());
process.stderr.write(`listening on ${device}\n`);

const layer = new NetworkLayer();
const byProtocol = { packets: new Float64Array(256), bytes: new Float64Array(256) };
const byPort = { packets: new Float64Array(1 << 16), bytes: new Float64Array(1 << 16) };
for await (const { count, bytes, offset, captured, length, interfaceId } of capture.batches()) {
  for (let n = 0; n < count; n++) {
    const start = offset[n]!;
    const end = start + captured[n]!;
    if (!layer.find(bytes, start, end, capture.interfaces[interfaceId[n]!]!.linkType)) continue;
    const at = layer.offset;
    if (layer.etherType !== EtherType.Ipv4 || at + 20 > end) continue;
    const protocol = bytes[at + 9]!;
    byProtocol.packets[protocol]!++;
    byProtocol.bytes[protocol]! += length[n]!;
    const transport = at + (bytes[at]! & 0x0f) * 4;
    if (protocol !== IpProtocol.Udp || transport + 8 > end) continue;
    const port = (bytes[transport]! << 8) | bytes[transport + 1]!;
    byPort.packets[port]!++;
    byPort.bytes[port]! += length[n]!;
  }
}
const { read, lost, produced } = capture.counts();
capture.close();
const said = {
  packets: byProtocol.packets[IpProtocol.Udp],
  bytes: byPort.bytes.reduce((sum, port) => sum + port),
  ports: byPort.packets.filter((packets) => packets > 0).length,
};
process.stderr.write(
  `${JSON.stringify(said)}\n${read} packets captured\n${produced} packets received by filter\n${lost} packets dropped by kernel\n`,
);
