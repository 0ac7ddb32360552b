import { HopmarkError } from "../../errors.ts";
import { CgroupSkbContext } from "../cgroup-context.ts";
import { TcContext, Xdp, XdpContext } from "../context.ts";
import type { RingBuffer } from "../maps.ts";
import type { IteratorProgram, TracepointProgram } from "../tracing.ts";
import type { Program, Purpose } from "../program.ts";
import { SockOpsContext } from "../sock-ops-context.ts";
import { withRuntime } from "../runtime.ts";
import { SockOpsMachine, type SockOpsFields } from "./sock-ops-machine.ts";
import { CgroupSkbMachine, type CgroupSkbFields } from "./cgroup-skb-machine.ts";
import { reader, type SimulatedEnvironment } from "./environment-source.ts";
import { requireGiven, requireNames } from "./given.ts";
import { ETHERNET_BYTES, type Clone, type Redirect } from "./packet-machine.ts";
import {
  isTracing,
  simulateTracing,
  type IteratorOptions,
  type TracepointOptions,
  type TracingOptions,
  type TracingResult,
} from "./simulate-tracing.ts";
import { SimulatedMaps } from "./simulated-maps.ts";
import { SimulatedRuntime, type PacketKeeper } from "./simulated-runtime.ts";
import { TcMachine, type TcFields } from "./tc-machine.ts";
import { XdpMachine, type XdpFields } from "./xdp-machine.ts";

interface Fields {
  readonly xdp: XdpFields;
  readonly tc: TcFields;
  readonly cgroupSkb: CgroupSkbFields;
  readonly sockOps: SockOpsFields;
}

/** What a simulated program meets. `T` is the type of the program. */
export interface SimulationOptions<T extends keyof Fields> {
  /** The frame from its MAC header on, 14 bytes or more; 60 zero bytes without it. It is copied. */
  readonly packet?: Uint8Array;
  /** Fields of the context; the others are as the kernel's TEST_RUN sets them. */
  readonly context?: Partial<Fields[T]>;
  /** Maps that outlive the run; new ones without it. */
  readonly maps?: SimulatedMaps;
  readonly environment?: SimulatedEnvironment;
  /** The device's MTU, in bytes after the MAC header; that of the loopback interface, 65536, without it. */
  readonly mtu?: number;
  /** XDP with frags: bytes of the frame in its first buffer, 14 to 3,520; 3,520 without it, as TEST_RUN lays it out. */
  readonly linear?: number;
}

/** What a simulated program left behind. */
export interface SimulationResult<T extends keyof Fields> {
  /** What the program returned, as the kernel reads it: signed at tc, else unsigned. */
  readonly verdict: number;
  /** The frame as the program left it; of a cgroup's packet the MAC header is zero, as after TEST_RUN. */
  readonly packet: Uint8Array;
  readonly context: Fields[T];
  /** Where the last `redirect` sent the packet, whatever the verdict. */
  readonly redirect: Redirect | null;
  /** The copies that the program sent elsewhere, in order; those of a redirect to all interfaces of a map as the packet was at the end. */
  readonly clones: readonly Clone[];
  readonly maps: SimulatedMaps;
  /** The records that this run submitted to a ring, in order; they stay in the ring until it is drained. */
  records(ring: RingBuffer): readonly Uint8Array[];
}

/**
 * Runs a program in V8 as the kernel would run it: no privilege, no Linux.
 *
 *     const { verdict, packet } = simulate(program, { packet: frame, environment: { cpu: 1 } });
 *
 * Throws what the program throws, and HopmarkErrors for what the verifier would refuse: `stale-view`, `open-record`.
 */
export function simulate<T extends keyof Fields>(
  program: Program<T>,
  options?: SimulationOptions<T>,
): SimulationResult<T>;
/** A tracepoint's program, over plain objects in place of the kernel's: `simulate(program, { arguments: [{ … }, …] })`. */
export function simulate<A extends readonly unknown[]>(
  program: TracepointProgram<A>,
  options: TracepointOptions<A>,
): TracingResult;
/** A raw tracepoint's program, over the words it finds. */
export function simulate(
  program: Program<"rawTracepoint">,
  options: TracingOptions & { readonly arguments: readonly bigint[] },
): TracingResult;
/** One call of an iterator's program: `simulate(program, { context: { task: { … } } })`. */
export function simulate<C>(program: IteratorProgram<C>, options: IteratorOptions<C>): TracingResult;
export function simulate(program: Program, options: object = {}): SimulationResult<keyof Fields> | TracingResult {
  requireGiven(program, options);
  if (isTracing(program)) return simulateTracing(program, options);
  return simulatePacket(program as Program<keyof Fields>, options);
}

const simulatePacket = <T extends keyof Fields>(
  program: Program<T>,
  options: SimulationOptions<T>,
): SimulationResult<T> => {
  const maps = options.maps ?? new SimulatedMaps();
  const packet = options.packet ?? new Uint8Array(60);
  if (packet.length < ETHERNET_BYTES) {
    throw new HopmarkError("bad-packet", `a packet of ${packet.length} bytes has no Ethernet header`, {
      hint: "a packet starts with its Ethernet header, of 14 bytes; encodePacket(…) of hopmark/wire makes packets of their layers",
    });
  }
  const environment = options.environment ?? {};
  if (options.context !== undefined) requireContext(program, options.context);
  const { machine, context, read } = simulators[program.type](packet, options, program.purpose);
  const records = new Map<RingBuffer, readonly Uint8Array[]>();
  try {
    const runtime = new SimulatedRuntime(maps, environment, machine);
    const run = (body: Program["body"]): number => Number(body(context as never));
    const result = withRuntime(runtime, () => runtime.tailCalls.run(program, ({ body }) => run(body)));
    for (const ring of maps.rings()) records.set(ring.descriptor, ring.finish());
    const verdict = read(result);
    const isRedirect = program.type === "xdp" && verdict === Xdp.Redirect;
    return {
      verdict,
      packet: machine.frame(),
      context: machine.fields,
      redirect: machine.redirected,
      clones: [...(machine.clones ?? []), ...(isRedirect ? broadcastOf(machine) : [])],
      maps,
      records: (ring) => records.get(ring) ?? [],
    };
  } finally {
    for (const ring of maps.rings()) ring.abandon();
  }
};

/** The copies that a redirect to all interfaces of a map makes. */
const broadcastOf = (machine: Simulated<object>["machine"]): Clone[] =>
  (machine.broadcast ?? []).map((ifindex) => ({ ifindex, flags: 0, packet: machine.frame(), mark: 0 }));

/** Throws for a field that the context has not. */
const requireContext = <T extends keyof Fields>({ type, purpose }: Program<T>, given: object): void => {
  const { machine } = simulators[type](new Uint8Array(ETHERNET_BYTES), {}, purpose);
  requireNames(given, Object.keys(machine.fields), "context", `field of the context of ${type} programs`);
};

const LOOPBACK_MTU = 65_536;

/** One run: what is behind the context, the context, and how the kernel reads what the program returns. */
interface Simulated<F> {
  readonly machine: PacketKeeper & { readonly fields: F; frame(): Uint8Array };
  readonly context: object;
  readonly read: (result: unknown) => number;
}

const unsigned = (result: unknown): number => Number(result) >>> 0;
const signed = (result: unknown): number => Number(result) | 0;

const simulators: {
  readonly [T in keyof Fields]: (
    packet: Uint8Array,
    options: SimulationOptions<T>,
    purpose: Purpose,
  ) => Simulated<Fields[T]>;
} = {
  xdp: (packet, { context = {}, linear }, { frags = false }) => {
    const machine = new XdpMachine(packet, context, { frags, ...(linear !== undefined && { linear }) });
    return { machine, context: new XdpContext(machine), read: unsigned };
  },
  tc: (packet, { context = {}, environment, mtu = LOOPBACK_MTU }) => {
    const machine = new TcMachine(packet, context, mtu, reader(environment?.egressBacklog, 0));
    return { machine, context: new TcContext(machine), read: signed };
  },
  cgroupSkb: (packet, { context = {} }) => {
    const machine = new CgroupSkbMachine(packet, context);
    return { machine, context: new CgroupSkbContext(machine), read: unsigned };
  },
  sockOps: (_, { context = {} }) => {
    const machine = new SockOpsMachine(context);
    return { machine, context: new SockOpsContext(machine), read: () => 1 };
  },
};
