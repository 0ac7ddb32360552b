/** XDP programs for frames in several buffers. */
import { Xdp } from "../../../src/kernel/context.ts";
import { ringBuffer, variable } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { array, be32, header, struct, u32, u64, u8 } from "../../../src/wire/layout.ts";

const Word = header("word", "", { value: be32 });
export const Seen = struct("seen", {
  length: u32,
  linear: u32,
  loaded: u32,
  stored: u32,
  into: u32,
  copied: array(u8, 8),
});
export const seen = ringBuffer({ bytes: 65536, name: "seen" });

/** Reads and writes at the offset that the frame says, first by a view, then by helpers. */
export const reach = xdp(
  (ctx) => {
    const record = seen.reserve(Seen);
    if (record === null) return Xdp.Aborted;
    record.linear = 0;
    record.loaded = 0;
    record.stored = 0;
    record.into = 0;
    record.copied[0] = 9;
    record.copied[7] = 9;
    record.length = ctx.packet.length;
    const at = ctx.load(14, Word);
    if (at !== null && at.value < 60_000) {
      const offset = at.value;
      const view = ctx.packet.at(Word, offset);
      if (view !== null) record.linear = view.value;
      const copy = ctx.load(offset, Word);
      if (copy !== null) record.loaded = copy.value;
      record.into = ctx.loadInto(record, "copied", offset, 8) ? 1 : 2;
      record.stored = ctx.store(offset, Word, { value: 0xa1b2c3d4 }) ? 1 : 2;
    }
    seen.submit(record);
    return Xdp.Pass;
  },
  { name: "reach", frags: true },
);

export const answer = variable(u32, 0, { name: "answer" });

/** Moves the ends and says which moves were made, and the length in the end. */
export const resize = (head: number, ...tails: readonly number[]) =>
  xdp(
    (ctx) => {
      let done = ctx.adjustHead(head) ? 1 : 0;
      for (const tail of tails) done = done * 2 + (ctx.adjustTail(tail) ? 1 : 0);
      answer.value = done;
      return ctx.packet.length;
    },
    { name: "resize", frags: true },
  );

export const bytes = variable(u64, 0n, { name: "bytes" });
export const longest = variable(u32, 0, { name: "longest" });

export const measure = xdp(
  (ctx) => {
    if (ctx.packet.length > longest.value) longest.value = ctx.packet.length;
    bytes.value = BigInt.asUintN(64, bytes.value + BigInt(ctx.packet.length));
    return Xdp.Pass;
  },
  { name: "measure", frags: true },
);
