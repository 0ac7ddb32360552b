/** Direct Export as it is inserted: the bytes that the wire's encoder makes, in every mode, with the next number each. */
import { expect, onTestFinished, test } from "vitest";
import { isInstalled, tsharkComplaints, tsharkFields } from "../../../../tests/golden/tools.ts";
import { Twin } from "../../../../tests/support/twin.ts";
import { noRoute } from "../../../kernel/environment.ts";
import { Fib } from "../../../kernel/fib.ts";
import { ipv6, mac } from "../../../wire/address.ts";
import { toHex } from "../../../wire/hex.ts";
import { encodePacket } from "../../../wire/packet/encode.ts";
import type { LayerInput } from "../../../wire/packet/registry.ts";
import { e2eSequences } from "./edge-to-edge.bpf.ts";
import { encap } from "./encap.bpf.ts";
import { encapCounters, encapReasons } from "./counters.ts";
import type { EncapRule, EncapTunnel } from "./rule.ts";
import { GROUPS } from "../sequence-number.ts";
import { clock, device, node, rule, TAI_OFFSET } from "../test-support/nodes.ts";
import { taiOffset } from "../../feature/tai-offset.ts";

const FLOW = 0xfedc_ba98;
const COUNTER = 3 * GROUPS;
const ethernet = {
  protocol: "ethernet",
  header: { source: mac("02:00:00:00:00:01"), destination: mac("02:00:00:00:00:02") },
} as const;
const ip = { source: ipv6("db01::1"), destination: ipv6("db02::2"), hopLimit: 64 } as const;
const udp = [
  { protocol: "udp", header: { sourcePort: 1, destinationPort: 2 } },
  { protocol: "payload", bytes: Uint8Array.of(1, 2, 3) },
] as const;
const plain = encodePacket([ethernet, { protocol: "ipv6", header: ip }, ...udp]);

const option = (sequence: number): LayerInput => ({
  protocol: "hop-by-hop",
  options: [
    {
      kind: "ioamUnchanged",
      ioamType: 4,
      reserved: 0,
      directExport: { namespaceId: 123, traceType: 0xf00002, flowId: FLOW, sequence },
    },
  ],
});
const inline = (sequence: number): Uint8Array =>
  encodePacket([ethernet, { protocol: "ipv6", header: ip }, option(sequence), ...udp]);

const tunnel: EncapTunnel = {
  source: ipv6("db0f::1"),
  destination: ipv6("db0e::2"),
  ifindex: 1,
  egress: device,
  mtu: 1500,
};
const outer = { ...ip, source: tunnel.source, destination: tunnel.destination };
const tunnelled = (sequence: number): Uint8Array =>
  encodePacket([
    ethernet,
    { protocol: "ipv6", header: outer },
    option(sequence),
    { protocol: "ipv6", header: ip },
    ...udp,
  ]);
const { source: sourceMac, destination: destinationMac } = ethernet.header;
const route = { ...noRoute, code: Fib.Success as number, ifindex: 1, mtu: 1500, sourceMac, destinationMac };

const dexRule = (changes: Partial<EncapRule> = {}): EncapRule =>
  rule({
    traceType: 0xf00002,
    size: 0,
    directExport: { flowId: FLOW, counter: COUNTER },
    ...changes,
  });
const twinOf = (own: EncapRule): Twin => {
  const twin = new Twin(encap({ node, device, rules: [own] }));
  onTestFinished(() => twin.close());
  twin.setVariable(taiOffset, TAI_OFFSET);
  return twin;
};

test.each<[string, Partial<EncapRule>, number, (sequence: number) => Uint8Array]>([
  ["inline", {}, 0, inline],
  ["encap", { mode: "encap", tunnel }, 5, tunnelled],
  ["auto, forwarded", { mode: "auto", tunnel }, 5, tunnelled],
  ["auto, made here", { mode: "auto", tunnel }, 0, inline],
])("mode %s", (_, changes, ingressIfindex, expected) => {
  const twin = twinOf(dexRule(changes));
  for (let sequence = 0; sequence < 3; sequence++) {
    const { packet } = twin.run(plain, { environment: { ...clock, route }, context: { ingressIfindex } });
    expect(toHex(packet)).toBe(toHex(expected(sequence)));
  }
  expect(expected(0).length - inline(0).length).toBe(expected === inline ? 0 : 40);
  expect(inline(0).length - plain.length).toBe(24);
  expect(twin.counts(encapCounters, encapReasons)).toEqual({ sent: 3, segments: 3 });
  expect(twin.kernel.map(e2eSequences).get(COUNTER)?.value).toBe(3n);
});

test("after the last number comes the first", () => {
  const twin = twinOf(dexRule());
  for (const map of [twin.kernel.map(e2eSequences), twin.maps.map(e2eSequences)])
    map.set(COUNTER, { value: 0x1_ffff_ffffn });
  for (const sequence of [0xffff_ffff, 0])
    expect(toHex(twin.run(plain, { environment: clock }).packet)).toBe(toHex(inline(sequence)));
});

test.skipIf(process.env["CI"] !== "true" && !isInstalled("tshark"))("tshark has no complaint", () => {
  const packets = [inline(7), tunnelled(7)];
  expect(tsharkComplaints(packets)).toEqual(["", ""]);
  // It looks into no option of this type, but reads around it.
  expect(tsharkFields(packets, ["ipv6.opt.type", "ipv6.opt.length", "udp.dstport"])).toEqual(
    packets.map(() => ({ "ipv6.opt.type": "0x01,0x11", "ipv6.opt.length": "0,18", "udp.dstport": "2" })),
  );
});
