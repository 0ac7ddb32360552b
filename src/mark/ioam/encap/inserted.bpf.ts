/** What an encapsulating node inserts: options, laid out in one Hop-by-Hop header. */
import type { TcContext } from "../../../kernel/context.ts";
import { layOutHopByHop, type HopByHopLayout, type OptionShape, type Padding } from "../../../wire/ioam/hop-by-hop.ts";
import { HopByHop } from "../../../wire/protocols/ipv6-extension.ts";
import { directExportOption } from "./dex-option.bpf.ts";
import { edgeToEdge } from "./edge-to-edge.bpf.ts";
import type { EncapNode, EncapProfile } from "./rule.ts";
import { paddingOf } from "./padding.ts";
import { preallocatedTrace } from "./trace-option.bpf.ts";

/** What options may want to know of the packet that they go into. */
export interface InsertedInto {
  /** As it was before anything was inserted. */
  readonly hopLimit: number;
  /** The wall clock, ns. */
  readonly nowNs: bigint;
  readonly egress: Egress;
}

/** The interface that the packet leaves by. What is not known of it is all ones. */
export interface Egress {
  readonly id: number;
  readonly idWide: number;
  /** Bytes. */
  readonly queueDepth: number;
}

/** An option to be inserted. */
export interface InsertedOption extends OptionShape {
  /** Kernel code: writes all of the option's bytes, type and length included, from `at` bytes into the packet, where there is room. */
  write(ctx: TcContext, at: number, packet: InsertedInto): void;
}

/** What packets get, in the order in which it lies in the header. */
const insertedOptions = (own: EncapNode, profile: EncapProfile): readonly InsertedOption[] => [
  ...(profile.numbers === undefined ? [] : [edgeToEdge(own, profile, profile.numbers)]),
  profile.directExport === undefined
    ? preallocatedTrace(own, profile)
    : directExportOption(profile, profile.directExport),
];

/** The header that packets get. */
export const insertedHeader = (own: EncapNode, profile: EncapProfile): HopByHopLayout<InsertedOption> =>
  layOutHopByHop(insertedOptions(own, profile));

/** Kernel code: writes the header, with all that is in it, at `start`, where there is room for its bytes. */
export const writeHopByHop = (
  ctx: TcContext,
  { options, paddings, bytes }: HopByHopLayout<InsertedOption>,
  start: number,
  nextHeader: number,
  packet: InsertedInto,
): void => {
  const hopByHop = ctx.packet.at(HopByHop, start);
  if (hopByHop === null) return;
  hopByHop.nextHeader = nextHeader;
  hopByHop.headerExtLen = bytes / 8 - 1;
  for (const padding of paddings) writePadding(ctx, start, padding);
  for (const { option, at } of options) option.write(ctx, start + at, packet);
};

const writePadding = (ctx: TcContext, start: number, { at, bytes }: Padding): void => {
  const { layout, values } = paddingOf(bytes);
  const padding = ctx.packet.at(layout, start + at);
  if (padding === null) return;
  for (const { name, value } of values) padding[name] = value;
};
