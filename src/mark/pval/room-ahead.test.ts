/** Room that is opened before packets are cut up, in the kernel and in V8: a mark in it is the mark that others get. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { pinToOneCpu } from "../../../tests/fuzz/pin-cpu.ts";
import { Twin } from "../../../tests/support/twin.ts";
import { toHex } from "../../wire/hex.ts";
import { checksum } from "../../wire/checksum.ts";
import { encodePacket } from "../../wire/packet/encode.ts";
import { opening } from "./test-support/opening.bpf.ts";
import { behindTags, CPU, data, ethernet, MTU, noOperations, packet, plain, tcp, udp } from "./test-support/packets.ts";
import { transmit } from "./transmit.bpf.ts";

let open: Twin;
let marking: Twin;
beforeAll(() => {
  pinToOneCpu();
  open = new Twin(opening(MTU));
  marking = new Twin(transmit({ mark: { network: 14, mtu: MTU }, copy: null, to: 0 }));
});
afterAll(() => {
  open.close();
  marking.close();
});

test("a mark that is put into room is where it is otherwise, with the same checksum", () => {
  for (const [at, above] of [[tcp], [tcp, data(101)], [tcp, data(MTU - 20 - 20 - 12)]].entries()) {
    const { packet: roomy } = open.run(packet({}, above));
    expect(roomy.length).toBe(packet({}, above).length + 12);
    // As the kernel does where it cuts.
    const header = roomy.subarray(14, 14 + 32);
    header.fill(0, 10, 12);
    new DataView(roomy.buffer, roomy.byteOffset).setUint16(24, checksum(header, 0, header.length));
    const { packet: marked } = marking.run(roomy, { environment: { cpu: CPU } });
    expect(toHex(marked)).toBe(toHex(packet({}, above, BigInt(at))));
  }
});

test.each<[name: string, given: Uint8Array]>([
  ["IPv6", encodePacket([ethernet, { protocol: "ipv6" }, udp])],
  ["a packet with options", packet({ options: noOperations(4) }, [tcp])],
  ["UDP", plain()],
  ["what is behind a tag in the packet", behindTags(packet({}, [tcp]), [0x8100, 7])],
  ["TCP cut short", packet({ header: { protocol: 6 } }, [data(10)])],
])("%s stays as it is", (_, given) => {
  expect(toHex(open.run(given).packet)).toBe(toHex(given));
});

test("what would not fit the interface stays as it is", () => {
  const small = new Twin(opening(20 + 20 + 11));
  expect(toHex(small.run(packet({}, [tcp])).packet)).toBe(toHex(packet({}, [tcp])));
  small.close();
});
