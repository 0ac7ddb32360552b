/** What goes through the cutter, in the kernel and in V8. */
import { expect, onTestFinished, test } from "vitest";
import { Twin } from "../../../tests/support/twin.ts";
import { toHex } from "../../wire/hex.ts";
import { ipv4 } from "../../wire/address.ts";
import { IpProtocol } from "../../wire/numbers.ts";
import { encodePacket } from "../../wire/packet/encode.ts";
import type { Program } from "../../kernel/program.ts";
import { bringBack, divert } from "./cut.bpf.ts";
import { returnedPackets } from "./returned-packets.ts";
import { behindTags, ethernet, plain, udp } from "./test-support/packets.ts";

const ETHERNET_BYTES = 14;
const [NEXT, REDIRECT] = [-1, 7];
/** The loopback interface, which there is everywhere; and none. */
const [THERE, NOWHERE] = [1, 0x7fff_fff0];

const twin = (program: Program<"tc">): Twin => {
  const made = new Twin(program);
  onTestFinished(() => made.close());
  return made;
};

const given = {
  IPv4: plain(),
  "IPv4 behind a tag": behindTags(plain(), [0x8100, 0x6123]),
  "IPv4 behind two": behindTags(plain(), [0x88a8, 7], [0x8100, 0x6123]),
  IPv6: encodePacket([ethernet, { protocol: "ipv6" }, udp]),
};

test("all that may be IPv4 goes into the pair, as it is", () => {
  const diverting = twin(divert({ near: THERE, far: 9, mtu: 1500, network: 14 }));
  const verdicts = Object.entries(given).map(([name, frame]) => [name, diverting.run(frame).verdict]);
  expect(Object.fromEntries(verdicts)).toEqual({
    IPv4: REDIRECT,
    "IPv4 behind a tag": REDIRECT,
    "IPv4 behind two": REDIRECT,
    IPv6: NEXT,
  });
  expect(toHex(diverting.run(given.IPv4).packet)).toBe(toHex(given.IPv4));
  expect(diverting.run(given.IPv4, { context: { gsoSegments: 4, gsoSize: 250 } }).verdict).toBe(REDIRECT);
});

test("what comes back at once is only what is to be cut", () => {
  const diverting = twin(divert({ near: THERE, far: null, mtu: 0, network: 14 }));
  const large = { context: { gsoSegments: 4, gsoSize: 250 } };
  expect(diverting.run(given.IPv4).verdict).toBe(NEXT);
  expect(diverting.run(given.IPv4, large).verdict).toBe(REDIRECT);
  expect(diverting.run(given.IPv6, large).verdict).toBe(NEXT);
});

// TEST_RUN's packets have come in nowhere: by interface 0.
test("what comes out of the pair goes on; so does everything where there is no pair", () => {
  expect(twin(divert({ near: THERE, far: 0, mtu: 1500, network: 14 })).run(given.IPv4).verdict).toBe(NEXT);
  const large = { context: { gsoSegments: 4, gsoSize: 250 } };
  expect(
    twin(divert({ near: NOWHERE, far: null, mtu: 0, network: 14 })).run(given.IPv4, { mtu: 0, ...large }).verdict,
  ).toBe(NEXT);
  expect(twin(divert({ near: NOWHERE, far: 9, mtu: 1500, network: 14 })).run(given.IPv4, { mtu: 0 }).verdict).toBe(
    NEXT,
  );
});

test("out of the pair to the interface, counted", () => {
  const returning = twin(bringBack(THERE));
  for (const frame of Object.values(given)) expect(returning.run(frame).verdict).toBe(REDIRECT);
  expect(returning.counts(returnedPackets, ["returned"])).toEqual({ returned: 4 });
});

test("an interface without an Ethernet header: one is put before the packet, for the cutter", () => {
  const diverting = twin(divert({ near: THERE, far: null, mtu: 0, network: 0 }));
  const large = { context: { gsoSegments: 4, gsoSize: 250 } };
  // TEST_RUN takes the EtherType where Ethernet has it: here the source address begins like that of IPv4.
  const [bare, outer] = [IpProtocol.Udp, IpProtocol.Gre].map((protocol) =>
    encodePacket([
      { protocol: "ipv4", header: { protocol, source: ipv4("8.0.0.1") } },
      { protocol: "payload", bytes: new Uint8Array(60) },
    ]),
  );
  expect(diverting.run(bare!).verdict).toBe(NEXT);
  const { verdict, packet } = diverting.run(bare!, large);
  expect(verdict).toBe(REDIRECT);
  expect(toHex(packet.subarray(0, ETHERNET_BYTES))).toBe(`0x${"00".repeat(12)}0800`);
  expect(toHex(packet.subarray(ETHERNET_BYTES))).toBe(toHex(bare!));
  // An outer header that the interface has made: behind it the kernel sees the packet.
  expect(diverting.run(outer!, large).verdict).toBe(NEXT);
});
