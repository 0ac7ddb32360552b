/**
 * The IOAM programs, each followed by what undoes it: TEST_RUN repeats a program on the packet it left behind. The undoing
 * alone is the floor.
 */
import { Room, RoomFlag, Tc, type TcContext } from "../../src/kernel/context.ts";
import { taiNs } from "../../src/kernel/helpers.ts";
import { variable } from "../../src/kernel/maps.ts";
import { tc } from "../../src/kernel/program.ts";
import { encapsulate } from "../../src/mark/ioam/encap/encap.bpf.ts";
import { prepareEncap } from "../../src/mark/ioam/encap/prepare.ts";
import type { EncapConfig } from "../../src/mark/ioam/encap/rule.ts";
import { arrive, leave, type TransitConfig } from "../../src/mark/ioam/transit/transit.bpf.ts";
import { finish, type SinkConfig } from "../../src/mark/ioam/sink/sink.bpf.ts";
import { IoamTraceHeader } from "../../src/wire/ioam/header.ts";
import { u64 } from "../../src/wire/layout.ts";
import { Ipv6 } from "../../src/wire/headers/ipv6.ts";

const NETWORK = 14;
const TRACE_AT = NETWORK + 40 + 4 + 4;

/** What undoing takes: the length and the next header of the packet without its trace. */
export interface Plain {
  readonly payloadLength: number;
  readonly nextHeader: number;
  /** Bytes of the Hop-by-Hop header. */
  readonly inserted: number;
}

const takeOff = (ctx: TcContext, plain: Plain): void => {
  if (!ctx.adjustRoom(-plain.inserted, Room.Network, RoomFlag.NoChecksumReset)) return;
  const ip = ctx.packet.at(Ipv6, NETWORK);
  if (ip === null) return;
  ip.payloadLength = plain.payloadLength;
  ip.nextHeader = plain.nextHeader;
};

export const empty = tc(() => Tc.Next, { name: "empty" });

const lastTime = variable(u64, 0n, { name: "last_time" });
/** What the wall clock costs alone. */
export const readClock = tc(
  () => {
    lastTime.value = taiNs();
    return Tc.Next;
  },
  { name: "read_clock" },
);

export const openAndClose = (plain: Plain) =>
  tc(
    (ctx) => {
      if (ctx.adjustRoom(plain.inserted, Room.Network, 0)) takeOff(ctx, plain);
      return Tc.Next;
    },
    { name: "open_and_close" },
  );

export const encapAndUndo = (config: EncapConfig, plain: Plain) => {
  const prepared = prepareEncap(config);
  return tc(
    (ctx) => {
      encapsulate(ctx, prepared);
      takeOff(ctx, plain);
      return Tc.Next;
    },
    { name: "encap_and_undo" },
  );
};

export const encapAndSink = (config: EncapConfig, end: SinkConfig) => {
  const prepared = prepareEncap(config);
  return tc(
    (ctx) => {
      encapsulate(ctx, prepared);
      finish(ctx, end);
      return Tc.Next;
    },
    { name: "encap_and_sink" },
  );
};

/** Parsing as far as the trace, and the store that undoes transit. */
const forgetEntry = (ctx: TcContext, remainingLength: number): void => {
  const trace = ctx.packet.at(IoamTraceHeader, TRACE_AT);
  if (trace !== null) trace.remainingLength = remainingLength;
};

export const parseOnly = (remainingLength: number) =>
  tc(
    (ctx) => {
      const ip = ctx.packet.at(Ipv6, NETWORK);
      if (ip !== null && ip.nextHeader === 0) forgetEntry(ctx, remainingLength);
      return Tc.Next;
    },
    { name: "parse_only" },
  );

export const arriveAndUndo = (config: TransitConfig, remainingLength: number) =>
  tc(
    (ctx) => {
      const verdict = arrive(ctx, config);
      forgetEntry(ctx, remainingLength);
      return verdict;
    },
    { name: "arrive_and_undo" },
  );

export const transitAndUndo = (config: TransitConfig, remainingLength: number) =>
  tc(
    (ctx) => {
      const verdict = arrive(ctx, config);
      leave(ctx, config);
      forgetEntry(ctx, remainingLength);
      return verdict;
    },
    { name: "transit_and_undo" },
  );
