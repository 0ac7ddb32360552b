/** Hop-by-Hop headers with an Edge-to-Edge option in front of a trace, from a few nodes' few groups. */
import { hopByHop, padding, traceOption } from "../../../src/mark/ioam/conformance/frames.ts";
import { SEQUENCE_BITS } from "../../../src/mark/ioam/sequence-number.ts";
import type { Random } from "../../fuzz/random.ts";

const OPTION_BYTES = 24;
const TYPE = 0xb000;
/** Numbers go up with some that come late or twice; at times they jump, also past their end. */
const SPREAD = 40;
const NUMBERS_AT = 4;
/** Two entries are free; the last byte of the third one's node id. */
const NODE_AT = NUMBERS_AT + OPTION_BYTES + 12 + 32 + 3;

const numbers = new Uint8Array(OPTION_BYTES);
numbers.set([0x31, OPTION_BYTES - 2, 0, 3]);
const template = hopByHop([padding(2), numbers, traceOption({ remaining: 8, data: new Uint8Array(48) })]);

let place = 0n;

export const numberedHeader = (random: Random): Uint8Array => {
  if (random.chance(0.001)) place = random.bigint(Number(SEQUENCE_BITS));
  place += BigInt(random.below(3));
  const group = BigInt(0x7abc0 + random.below(4));
  const sequence = (place + BigInt(random.below(SPREAD))) & ((1n << SEQUENCE_BITS) - 1n);
  const header = template.slice();
  const view = new DataView(header.buffer);
  view.setUint16(NUMBERS_AT + 4, random.chance(0.9) ? 123 : 7);
  view.setUint16(NUMBERS_AT + 6, random.chance(0.95) ? TYPE : random.below(0x10000));
  view.setBigUint64(NUMBERS_AT + 8, (group << SEQUENCE_BITS) | sequence);
  header[NODE_AT] = random.below(3);
  return header;
};
