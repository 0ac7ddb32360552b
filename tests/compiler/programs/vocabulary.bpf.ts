/** Small programs, each for one thing that the IOAM programs need of the language. */
import { tc } from "../../../src/kernel/program.ts";
import { viewInto } from "../../../src/kernel/helpers.ts";
import { ringBuffer } from "../../../src/kernel/maps.ts";
import { array, be16, be32, header, struct, u32, u8 } from "../../../src/wire/layout.ts";

const Option = header("option", "", { type: u8, length: u8 });
const Word = header("word", "", { value: be32 });
const Half = header("half", "", { value: be16 });

/** Walks type-length-value options from byte 14 on; returns where it stopped. The mask at the end of a round bounds the loop. */
export const walk = tc(
  (ctx) => {
    const end = ctx.packet.length;
    let next = 14;
    for (let round = 0; round < 16 && next + 2 <= end; round++) {
      const option = ctx.packet.at(Option, next);
      if (option === null) break;
      next = (next + 2 + option.length) & 0xfff;
    }
    return next;
  },
  { name: "walk" },
);

export const Copy = struct("copy", { length: u32, bytes: array(u8, 10) });
export const copies = ringBuffer({ bytes: 4096, name: "copies" });

/** Copies bytes 14 to 23 and writes into the copy at the offset that byte 24 says, where it fits. */
export const amend = tc(
  (ctx) => {
    const where = ctx.packet.at(header("where", "", { at: u8 }), 24);
    if (where === null) return 0;
    const copy = copies.reserve(Copy);
    if (copy === null) return 0;
    let written = 0;
    const { at } = where;
    copy.length = 10;
    if (ctx.loadInto(copy, "bytes", 14, 10)) {
      viewInto(copy, "bytes", Half, 1).value = 0x0102;
      if (at <= 6) {
        const word = viewInto(copy, "bytes", Word, at);
        written = word.value >>> 8;
        word.value = 0xa1b2c3d4;
      }
    }
    copies.submit(copy);
    return written;
  },
  { name: "amend" },
);

export const device = tc((ctx) => (ctx.checksumPartial() ? 1_000_000 : ctx.mtu()), { name: "device" });

/** Wrong: nothing says that the word ends within the array. */
export const unproven = tc(
  (ctx) => {
    const copy = copies.reserve(Copy);
    if (copy === null) return 0;
    viewInto(copy, "bytes", Word, ctx.mark & 15).value = 1;
    copies.submit(copy);
    return 0;
  },
  { name: "unproven" },
);
