/**
 * Direct Export (RFC 9326) at tc ingress: this node's entry for a packet that asks for it goes to user space, and the packet stays
 * as it is. A program of its own beside transit and sink, so that those cost nothing more.
 */
import { Tc, type TcContext } from "../../../kernel/context.ts";
import { viewInto } from "../../../kernel/helpers.ts";
import { ringBuffer } from "../../../kernel/maps.ts";
import { tc, type Program } from "../../../kernel/program.ts";
import type { PacketContext } from "../../../kernel/packet-context.ts";
import { DirectExportHeader } from "../../../wire/ioam/direct-export.ts";
import { opaqueStateBit, traceTypeBit, undefinedTraceBits } from "../../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../../wire/ioam/header.ts";
import { be32, header, type TypeOf } from "../../../wire/layout.ts";
import { EtherType } from "../../../wire/numbers.ts";
import { HopByHop } from "../../../wire/protocols/ipv6-extension.ts";
import { Ipv6OptionType } from "../../../wire/protocols/ipv6-options.ts";
import { Ipv6 } from "../../../wire/protocols/ipv6.ts";
import {
  entrySteps,
  entryWords,
  microsecondsOf,
  secondsOf,
  writeFields,
  wallClockNs,
  writeOpaqueState,
  type Place,
} from "../fill/entry.bpf.ts";
import { knows } from "../fill/fill.bpf.ts";
import { CUT_SHORT, hopByHopBytes, pullIn, visitIoamOptions } from "../fill/option.bpf.ts";
import { opaqueStateOf, type IoamInterface, type IoamNamespace, type IoamNode } from "../node.ts";
import { taiOffset } from "../tai-offset.ts";
import { count } from "../count.bpf.ts";
import { counters } from "../counters.ts";
import { ExportRecord, MAX_TRACE_BYTES } from "../record.ts";

/** Records on their way to user space: 256 KiB hold about 700. */
export const exportRing = ringBuffer({ bytes: 1 << 18, name: "ioam_exports" });

const IPV6_BYTES = 40;
const Word = header("extension", "RFC 9326, section 3.1.2", { value: be32 });

/**
 * Bits that a node does not report: the checksum complement, which is for data in packets (RFC 9326, section 3.1.1), and those
 * that stand for nothing.
 */
const UNREPORTED = traceTypeBit(7) | undefinedTraceBits;

/** What became of an option that asks for a report. */
const ExportCounter = { Exported: 0, RingFull: 1, NamespaceUnknown: 2, Malformed: 3 } as const;
export const exportCounterNames: readonly string[] = ["exported", "ringFull", "namespaceUnknown", "malformed"];
export const exportCounters = counters("export_count", exportCounterNames.length);
/** Not counted: the node would report. */
const READY = -1;

export interface ExporterConfig {
  readonly node: IoamNode;
  readonly device: IoamInterface;
}

/** Reports on packets that come in. Of several options in a packet the first counts. */
export const exporter = (config: ExporterConfig): Program<"tc"> =>
  tc(
    (ctx) => {
      reportOn(ctx, config);
      return Tc.Next;
    },
    { name: "ioam_export" },
  );

const reportOn = (ctx: TcContext, { node, device }: ExporterConfig): void => {
  const bytes = ctx.protocol === EtherType.Ipv6 ? hopByHopBytes(ctx, device.network, pullIn(ctx)) : 0;
  if (bytes === 0 || bytes === CUT_SHORT) return;
  const start = device.network + IPV6_BYTES;
  let asking = 0;
  visitIoamOptions(ctx, start, bytes, (at) => {
    if (isDirectExport(ctx, at)) asking = at;
    return asking === 0;
  });
  if (asking === 0) return;
  count(exportCounters, exportEntry(ctx, node, device, asking, start + bytes, wallClockNs(taiOffset.value)));
};

/** Whether the option at `at` asks for reports; it has the type of options that no node changes. */
export const isDirectExport = (ctx: PacketContext, at: number): boolean => {
  const option = ctx.packet.at(IoamOption, at);
  return option !== null && option.type === Ipv6OptionType.IoamUnchanged && option.ioamType === IoamType.DirectExport;
};

/** Whether the option at `at`, in a header that ends at `end`, is right and of one of the node's namespaces. */
export const takesExport = (ctx: PacketContext, node: IoamNode, at: number, end: number): boolean =>
  checkExport(ctx, node, at, end) === READY;

const checkExport = (ctx: PacketContext, node: IoamNode, at: number, end: number): number => {
  const option = ctx.packet.at(IoamOption, at);
  const asked = ctx.packet.at(DirectExportHeader, at + IoamOption.size);
  if (option === null || asked === null || at + 2 + option.length > end) return ExportCounter.Malformed;
  const extensions = ((asked.extensionFlags >>> 7) & 1) + ((asked.extensionFlags >>> 6) & 1);
  if (option.length < 2 + DirectExportHeader.size + 4 * extensions) return ExportCounter.Malformed;
  return knows(node, asked.namespaceId) ? READY : ExportCounter.NamespaceUnknown;
};

/** Reports this node's entry. Returns one of {@link ExportCounter}. */
const exportEntry = (
  ctx: PacketContext,
  node: IoamNode,
  ingress: IoamInterface,
  at: number,
  end: number,
  nowNs: bigint,
): number => {
  const checked = checkExport(ctx, node, at, end);
  const asked = ctx.packet.at(DirectExportHeader, at + IoamOption.size);
  if (checked !== READY) return checked;
  if (asked === null) return ExportCounter.Malformed;
  const { namespaceId, extensionFlags } = asked;
  const hasFlowId = (extensionFlags >>> 7) & 1;
  const hasSequence = (extensionFlags >>> 6) & 1;
  const extensions = at + IoamOption.size + DirectExportHeader.size;
  const flowId = hasFlowId === 0 ? null : ctx.packet.at(Word, extensions);
  const sequence = hasSequence === 0 ? null : ctx.packet.at(Word, extensions + 4 * hasFlowId);
  const ip = ctx.packet.at(Ipv6, ingress.network);
  const hopByHop = ctx.packet.at(HopByHop, ingress.network + IPV6_BYTES);
  if (ip === null || hopByHop === null) return ExportCounter.Malformed;
  const record = exportRing.reserve(ExportRecord);
  if (record === null) return ExportCounter.RingFull;
  record.timestampNs = nowNs;
  record.source = ip.source;
  record.destination = ip.destination;
  record.packetLength = ctx.packet.length;
  record.ifindex = ctx.ifindex;
  record.protocol = hopByHop.nextHeader;
  record.extensionFlags = extensionFlags;
  record.flowId = flowId === null ? 0 : flowId.value;
  record.sequence = sequence === null ? 0 : sequence.value;
  let traceType = asked.traceType & ~UNREPORTED;
  for (const namespace of node.namespaces) {
    if (namespaceId === namespace.id) {
      record.namespaceData = namespace.data;
      record.namespaceDataWide = namespace.dataWide;
      if (!fits(namespace)) traceType &= ~opaqueStateBit;
    }
  }
  const words = entryWords(traceType);
  const place = inRecord(record);
  // This node's own hop is not yet taken off the packet, but counts.
  const hopLimit = (ip.hopLimit + 255) & 255;
  place(IoamTraceHeader, 0, (trace) => {
    trace.namespaceId = namespaceId;
    trace.nodeLength = words;
    trace.overflow = 0;
    trace.loopback = 0;
    trace.active = 0;
    trace.reservedFlag = 0;
    trace.remainingLength = 0;
    trace.traceType = traceType;
    trace.reserved = 0;
  });
  writeFields(place, IoamTraceHeader.size, traceType, reportedSteps, {
    hopLimit,
    nodeId: node.id,
    ingressId: ingress.id,
    timestampSeconds: secondsOf(nowNs),
    timestampFraction: microsecondsOf(nowNs),
    namespaceData: record.namespaceData,
    hopLimitWide: hopLimit,
    nodeIdWide: node.idWide,
    ingressIdWide: ingress.idWide,
    namespaceDataWide: record.namespaceDataWide,
  });
  const length = IoamTraceHeader.size + words * 4;
  record.traceLength = length;
  if ((traceType & opaqueStateBit) !== 0) {
    for (const namespace of node.namespaces) {
      if (namespaceId === namespace.id && fits(namespace)) {
        const state = opaqueStateOf(namespace.schema);
        writeOpaqueState(place, length, state);
        record.traceLength = length + state.words * 4;
      }
    }
  }
  exportRing.submit(record);
  return ExportCounter.Exported;
};

/** Whether its opaque state goes into a record behind all other fields. */
const fits = ({ schema }: IoamNamespace): boolean =>
  IoamTraceHeader.size + MOST_WORDS * 4 + opaqueStateOf(schema).words * 4 <= MAX_TRACE_BYTES;

const reportedSteps = entrySteps.filter(({ mask }) => (mask & UNREPORTED) === 0);
const MOST_WORDS = reportedSteps.reduce((sum, { size }) => sum + size / 4, 0);

const inRecord =
  (record: TypeOf<typeof ExportRecord>): Place =>
  (layout, at, use) => {
    // A value of its own, as in the sink's records.
    const to = at & 0x1ff;
    if (to > MAX_TRACE_BYTES - layout.size) return false;
    use(viewInto(record, "trace", layout, to));
    return true;
  };
