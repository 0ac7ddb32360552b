/** Which packets are printed. */
import { Direction, type PacketBatch } from "../../follow/capture/batch.ts";
import type { DumpOptions } from "./dump-options.ts";

/** Whether packet `n` of a batch is. Shortens what is seen of it, too. */
export const choose = ({ direction, snapLength = 0 }: DumpOptions): ((batch: PacketBatch, n: number) => boolean) => {
  const wanted = direction === "in" ? Direction.In : direction === "out" ? Direction.Out : undefined;
  return (batch, n) => {
    if (snapLength > 0 && batch.captured[n]! > snapLength) batch.captured[n] = snapLength;
    return wanted === undefined || batch.direction[n] === wanted;
  };
};
