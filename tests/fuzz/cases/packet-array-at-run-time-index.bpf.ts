/** An array in a packet, indexed at run time: the verifier forgets the packet's bounds and must be told again. */
import { array, be24, header, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Arrays = header("arrays", "", { index: u8, bytes: array(u8, 5), words: array(be24, 3) });

export const program = xdp((ctx) => {
  const arrays = ctx.packet.at(Arrays, 0);
  if (arrays === null) return 4;
  arrays.words[arrays.index % 3] = arrays.bytes[arrays.index & 3]! + 0x010000;
  arrays.bytes[Math.min(arrays.index, 4)]! += 1;
  return arrays.words[arrays.index % 3]!;
});

export const runs: readonly CaseRun[] = [
  {
    packet: "02 0a0b0c0d0e 111111 222222 333333",
    expected: { verdict: 0x01000c, packet: "020a0b0d0d0e11111122222201000c" },
  },
  {
    packet: "04 0a0b0c0d0e 111111 222222 333333",
    expected: { verdict: 0x01000a, packet: "040a0b0c0d0f11111101000a333333" },
  },
  { packet: "04 0a0b0c0d0e 111111 222222 3333", expected: { verdict: 4 } },
];
