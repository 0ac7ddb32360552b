/** Packets with a Hop-by-Hop header that something happened to. */
import fc from "fast-check";
import { PAYLOAD, ruleCases, severalOptions } from "../conformance/cases.ts";
import { frame, HOP_BY_HOP_AT } from "../conformance/frames.ts";

type Change = (header: number[]) => void;

const position = fc.nat({ max: 0xffff });
/** Bytes that mean something in one place or another. */
const byte = fc.oneof(
  fc.nat({ max: 255 }),
  fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 0x0a, 0x1e, 0x31, 0x32, 0x7b, 0x7f, 0x80, 0xc2, 0xfe, 0xff),
);

const set = fc.tuple(position, byte).map(([at, value]): Change => (header) => {
  header[at % header.length] = value;
});
/** In the first 20 bytes, where most decisions are made. */
const setEarly = fc.tuple(fc.nat({ max: 19 }), byte).map(([at, value]): Change => (header) => {
  header[at % header.length] = value;
});
const flip = fc.tuple(position, fc.nat({ max: 7 })).map(([at, bit]): Change => (header) => {
  const index = at % header.length;
  header[index] = (header[index] ?? 0) ^ (1 << bit);
});
const insert = fc
  .tuple(position, fc.array(byte, { minLength: 1, maxLength: 8 }))
  .map(([at, bytes]): Change => (header) => {
    header.splice(2 + (at % (header.length - 2)), 0, ...bytes);
  });
const remove = fc.tuple(position, fc.integer({ min: 1, max: 8 })).map(([at, length]): Change => (header) => {
  header.splice(2 + (at % (header.length - 2)), Math.min(length, header.length - 10));
});
/** Makes the header's own length true again. */
const close: Change = (header) => {
  while (header.length % 8 !== 0) header.push(0);
  header[1] = Math.min(255, header.length / 8 - 1);
};

const cases = [...ruleCases, ...severalOptions];

export interface MutationOptions {
  /** Cuts frames anywhere, too. */
  readonly cut: boolean;
}

/** Whole frames from their MAC header on. Few changes: a header with many is only ever refused at its first byte. */
export const mutatedFrame = ({ cut }: MutationOptions): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      own: fc.constantFrom(...cases),
      changes: fc.array(fc.oneof(set, setEarly, flip, insert, remove), { minLength: 1, maxLength: 4 }),
      closed: fc.boolean(),
      hopLimit: fc.constantFrom(64, 255, 2),
      lie: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 600 }) }),
      end: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 300 }) }),
    })
    .map(({ own, changes, closed, hopLimit, lie, end }) => {
      const header = [...own.hopByHop];
      for (const change of changes) change(header);
      if (closed) close(header);
      const whole = frame({
        hopByHop: Uint8Array.from(header),
        payload: new Uint8Array(PAYLOAD).fill(0x77),
        hopLimit,
        ...(lie !== null && { payloadLength: lie }),
      });
      return cut && end !== null ? whole.slice(0, HOP_BY_HOP_AT + (end % (whole.length - HOP_BY_HOP_AT + 1))) : whole;
    });
