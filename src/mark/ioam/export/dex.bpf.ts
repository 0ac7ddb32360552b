/**
 * Direct Export (RFC 9326) at tc: this node's entry for a packet that asks for it goes to user space, and the packet stays as it
 * is. Ingress reports what is known when a packet comes, egress what only leaving tells; user space makes one report of both.
 * A packet that was given its option here is reported at egress alone. Programs of their own beside encapsulation, transit and sink,
 * so that those cost nothing more.
 */
import { Tc, type TcContext } from "../../../kernel/context.ts";
import { taiNs, viewInto } from "../../../kernel/helpers.ts";
import { tc, type Program } from "../../../kernel/program.ts";
import { DirectExportHeader, ExtensionFlag } from "../../../wire/ioam/direct-export.ts";
import { opaqueStateBit, traceTypeBit, undefinedTraceBits } from "../../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader } from "../../../wire/ioam/header.ts";
import { be32, header, type TypeOf } from "../../../wire/layout.ts";
import { EtherType } from "../../../wire/numbers.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { count } from "../../feature/count.bpf.ts";
import {
  entrySteps,
  entryWords,
  microsecondsOf,
  secondsOf,
  writeFields,
  writeOpaqueState,
  type Place,
} from "../fill/entry.bpf.ts";
import { CUT_SHORT, hopByHopBytes, pullIn } from "../fill/option.bpf.ts";
import { opaqueStateOf, type IoamInterface, type IoamNamespace, type IoamNode } from "../node.ts";
import { ExportRecord, ExportStage, MAX_TRACE_BYTES } from "../record.ts";
import { describeFlow } from "../sink/report.bpf.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { ExportCounter, exportCounters, exportRing, exportWanted } from "./counters.ts";
import { Asked, checkExport, findDirectExport } from "./option.bpf.ts";
import { segmentsOf } from "./segments.bpf.ts";

const IPV6_BYTES = 40;
const Word = header("extension", "RFC 9326, section 3.1.2", { value: be32 });

/**
 * Bits that a node does not report: the checksum complement, which is for data in packets (RFC 9326, section 3.1.1), and those
 * that stand for nothing.
 */
const UNREPORTED = traceTypeBit(7) | undefinedTraceBits;

export interface ExporterConfig {
  readonly node: IoamNode;
  readonly device: IoamInterface;
}

/** Reports on packets that come in. Of several options in a packet the first counts. */
export const exportIngress = (config: ExporterConfig): Program<"tc"> =>
  tc(
    (ctx) => {
      reportOn(ctx, config, ExportStage.Arrived);
      return Tc.Next;
    },
    { name: "ioam_export_in" },
  );

/** Reports on packets that go out. */
export const exportEgress = (config: ExporterConfig): Program<"tc"> =>
  tc(
    (ctx) => {
      reportOn(ctx, config, ExportStage.Left);
      return Tc.Next;
    },
    { name: "ioam_export_out" },
  );

type Stage = (typeof ExportStage)[keyof typeof ExportStage];

const reportOn = (ctx: TcContext, { node, device }: ExporterConfig, stage: Stage): void => {
  const isIpv6 = ctx.protocol === EtherType.Ipv6;
  const bytes = isIpv6 ? hopByHopBytes(ctx, device.network, pullIn(ctx), { withInner: true }) : 0;
  if (bytes === 0 || bytes === CUT_SHORT) return;
  const start = device.network + IPV6_BYTES;
  const at = findDirectExport(ctx, start, bytes);
  if (at === 0) return;
  const end = start + bytes;
  const checked = checkExport(ctx, node, at, end);
  if (checked !== Asked.Right) {
    const reason = checked === Asked.Malformed ? ExportCounter.malformed : ExportCounter.namespaceUnknown;
    // What goes out was counted when it came.
    if (stage === ExportStage.Arrived) count(exportCounters, reason);
    return;
  }
  // Without a number nobody could tell that it is the packet that was reported when it came.
  if (stage === ExportStage.Left && ctx.ingressIfindex !== 0 && !isNumbered(ctx, at)) return;
  const segments = segmentsOf(ctx, device.network, end);
  if (stage === ExportStage.Arrived) {
    count(exportCounters, ExportCounter.received);
    count(exportCounters, ExportCounter.segments, BigInt(segments));
  }
  const tai = taiNs();
  if (tai >= exportWanted.value) return count(exportCounters, ExportCounter.idle);
  const record = exportRing.reserve(ExportRecord);
  if (record === null) return count(exportCounters, ExportCounter.ringFull);
  record.timestampNs = BigInt.asUintN(64, tai - taiOffset.value);
  record.packetLength = ctx.packet.length;
  record.ifindex = ctx.ifindex;
  record.segments = segments;
  record.stage = stage;
  describeFlow(ctx, record, device.network, end);
  if (!writeOwnEntry(ctx, record, { node, device }, stage, at)) return exportRing.discard(record);
  exportRing.submit(record);
  count(exportCounters, ExportCounter.exported);
};

const isNumbered = (ctx: TcContext, at: number): boolean => {
  const asked = ctx.packet.at(DirectExportHeader, at + IoamOption.size);
  return asked !== null && (asked.extensionFlags & ExtensionFlag.Sequence) !== 0;
};

/** What the option at `at` says, and this node's answer. */
const writeOwnEntry = (
  ctx: TcContext,
  record: TypeOf<typeof ExportRecord>,
  { node, device }: ExporterConfig,
  stage: Stage,
  at: number,
): boolean => {
  const asked = ctx.packet.at(DirectExportHeader, at + IoamOption.size);
  const ip = ctx.packet.at(Ipv6, device.network);
  if (asked === null || ip === null) return false;
  const { namespaceId, extensionFlags } = asked;
  const hasFlowId = (extensionFlags >>> 7) & 1;
  const hasSequence = (extensionFlags >>> 6) & 1;
  const extensions = at + IoamOption.size + DirectExportHeader.size;
  const flowId = hasFlowId === 0 ? null : ctx.packet.at(Word, extensions);
  const sequence = hasSequence === 0 ? null : ctx.packet.at(Word, extensions + 4 * hasFlowId);
  record.extensionFlags = extensionFlags;
  record.flowId = flowId === null ? 0 : flowId.value;
  record.sequence = sequence === null ? 0 : sequence.value;
  // This node's own hop is not yet taken off a packet that comes in, but counts.
  const hopLimit = stage === ExportStage.Arrived ? (ip.hopLimit + 255) & 255 : ip.hopLimit;
  record.hopLimit = hopLimit;
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
  const passing =
    stage === ExportStage.Arrived
      ? { ingressId: device.id, ingressIdWide: device.idWide }
      : { egressId: device.id, egressIdWide: device.idWide, queueDepth: ctx.egressBacklog() };
  writeFields(place, IoamTraceHeader.size, traceType, reportedSteps, {
    hopLimit,
    nodeId: node.id,
    timestampSeconds: secondsOf(record.timestampNs),
    timestampFraction: microsecondsOf(record.timestampNs),
    namespaceData: record.namespaceData,
    hopLimitWide: hopLimit,
    nodeIdWide: node.idWide,
    namespaceDataWide: record.namespaceDataWide,
    ...passing,
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
  return true;
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
