/** Direct Export options (RFC 9326): to bytes and back, and what tshark makes of the packet, which does not know them. */
import { describe, expect, test } from "vitest";
import {
  decodeDirectExport,
  decodePacket,
  encodeDirectExport,
  encodePacket,
  formatPacket,
  fromHex,
  ipv6,
  mac,
  toHex,
  type DirectExport,
} from "../../src/wire/index.ts";
import { isInstalled, tsharkFields } from "./tools.ts";

const cases: readonly [name: string, option: DirectExport, bytes: string, line: string][] = [
  ["no extensions", { namespaceId: 123, traceType: 0xf00000 }, "007b 00 00 f00000 00", "ns 123, type 0xf00000"],
  ["a flow", { namespaceId: 123, traceType: 0xf00000, flowId: 7 }, "007b 00 80 f00000 00 00000007", "ns 123, type 0xf00000, flow 7"],
  ["a sequence number", { namespaceId: 0, traceType: 2, sequence: 0xffffffff }, "0000 00 40 000002 00 ffffffff", "ns 0, type 0x000002, seq 4294967295"],
  ["both", { namespaceId: 65535, traceType: 0xfff002, flowId: 1, sequence: 2 }, "ffff 00 c0 fff002 00 00000001 00000002", "ns 65535, type 0xfff002, flow 1, seq 2"],
  ["what is not defined yet", { namespaceId: 1, traceType: 1, flowId: 3, flags: 0x81, otherExtensions: { flags: 0x21, data: "0x0000000400000005" }, reserved: 9 }, "0001 81 a1 000001 09 00000003 00000004 00000005", "ns 1, type 0x000001, flow 3"],
]; // prettier-ignore

const packetOf = (directExport: DirectExport): Uint8Array =>
  encodePacket([
    { protocol: "ethernet", header: { source: mac("2e:fe:7c:b0:c7:72"), destination: mac("2e:fe:7c:b0:c7:73") } },
    { protocol: "ipv6", header: { source: ipv6("db01::1"), destination: ipv6("db02::2") } },
    { protocol: "hop-by-hop", options: [{ kind: "ioamUnchanged", ioamType: 4, reserved: 0, directExport }] },
    { protocol: "udp", header: { sourcePort: 40001, destinationPort: 40002 } },
  ]);

describe.each(cases)("%s", (_, option, text, line) => {
  const bytes = fromHex(text);
  test("bytes", () => {
    expect(toHex(encodeDirectExport(option))).toBe(toHex(bytes));
    expect(decodeDirectExport(bytes, 0, bytes.length)).toEqual(option);
  });
  test("cut anywhere, it is said", () => {
    for (let length = 0; length < bytes.length; length++) expect(decodeDirectExport(bytes, 0, length)).toMatch(/cut$/);
  });
  test("in a packet", () => {
    const packet = packetOf(option);
    const decoded = decodePacket(packet);
    expect(toHex(encodePacket(decoded.layers))).toBe(toHex(packet));
    expect(formatPacket(decoded, { verbose: 1 })).toContain(`(ioam direct export ${line})`);
  });
  test.skipIf(process.env["CI"] !== "true" && !isInstalled("tshark"))(
    "tshark finds the option, and UDP behind it",
    () => {
      const names = ["ipv6.opt.type", "ipv6.opt.length", "ipv6.opt.unknown", "udp.dstport", "udp.checksum.status"];
      const [seen] = tsharkFields([packetOf(option)], names);
      expect(seen).toMatchObject({
        "ipv6.opt.unknown": `0004${toHex(bytes).slice(2)}`,
        "udp.dstport": "40002",
        "udp.checksum.status": "1",
      });
      expect(seen!["ipv6.opt.type"]).toMatch(/^0x01,0x11|^1,17/);
    },
  );
});
