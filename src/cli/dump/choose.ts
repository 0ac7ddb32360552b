/** Which packets are printed or written, and how much of them. */
import type { PacketBatch } from "../../follow/capture/batch.ts";
import { Direction } from "../../follow/capture/batch.ts";
import type { CaptureInterface } from "../../follow/capture/capture.ts";
import type { PacketFilter } from "../../follow/capture/classic-bpf.ts";
import type { DumpOptions } from "./dump-options.ts";

/** Whether packet `n` of a batch is. Shortens what is seen of it, too. */
export type Choose = (batch: PacketBatch, n: number) => boolean;

/** Null: all of them, whole. `inKernel`: the filter has been applied there. */
export const choose = async (
  options: DumpOptions,
  interfaces: readonly CaptureInterface[],
  inKernel: boolean,
): Promise<Choose | null> => {
  const { direction, snapLength = 0, rest } = options;
  const wanted = direction === "in" ? Direction.In : direction === "out" ? Direction.Out : undefined;
  const isPassed = rest.length === 0 || inKernel;
  if (isPassed && wanted === undefined && snapLength === 0) return null;
  const passes = isPassed ? () => true : await filterOf(rest.join(" "), interfaces);
  return (batch, n) => {
    if (wanted !== undefined && batch.direction[n] !== wanted) return false;
    if (!passes(batch, n)) return false;
    if (snapLength > 0 && batch.captured[n]! > snapLength) batch.captured[n] = snapLength;
    return true;
  };
};

/** The most that filters ever look at. */
const SNAP_LENGTH = 0x40000;

/** A filter is translated once for each link type; a wrong one is refused before anything is printed. */
const filterOf = async (expression: string, interfaces: readonly CaptureInterface[]): Promise<Choose> => {
  const { compileFilter } = await import("../../linux/pcap-filter.ts");
  const { packetFilter } = await import("../../follow/capture/classic-bpf.ts");
  const filters = new Map<number, PacketFilter>();
  const filterFor = (linkType: number): PacketFilter => {
    const known = filters.get(linkType);
    if (known !== undefined) return known;
    const made = packetFilter(compileFilter(expression, linkType, SNAP_LENGTH));
    filters.set(linkType, made);
    return made;
  };
  for (const { linkType } of interfaces) filterFor(linkType);
  return ({ bytes, offset, captured, length, interfaceId }, n) =>
    filterFor(interfaces[interfaceId[n]!]!.linkType)(bytes, offset[n]!, captured[n]!, length[n]!) > 0;
};
