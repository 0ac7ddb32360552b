/** `hopmark/kernel`: what a `*.bpf.ts` module imports, and `simulate` to run it without a kernel. */
export { CgroupSkb, type CgroupSkbContext } from "./cgroup-context.ts";
export {
  atomicAdd,
  atomicLoad,
  atomicStore,
  compareExchange,
  exchange,
  fetchAdd,
  type AtomicField,
  type AtomicValue,
} from "./atomics.ts";
export { checksum, sumWords, updateChecksum, type ChecksumPart } from "./checksum.ts";
export { Room, RoomFlag, SkbClock, Tc, Xdp, type TcContext, type XdpContext } from "./context.ts";
export { Environment, noRoute } from "./environment.ts";
export { Fib, FibFlag, type FibQuery, type Route } from "./fib.ts";
export { hash } from "./hash.ts";
export { cpuId, monotonicNs, randomU32, taiNs, viewInto } from "./helpers.ts";
export {
  MapUpdate,
  arrayMap,
  hashMap,
  lpmTrie,
  lruHashMap,
  lruPerCpuHashMap,
  perCpuArrayMap,
  perCpuHashMap,
  ringBuffer,
  variable,
  type ArrayMap,
  type HashMap,
  type HashMapOptions,
  type LpmTrie,
  type MapDescriptor,
  type MapOptions,
  type MapType,
  type PerCpuArrayMap,
  type PerCpuHashMap,
  type RingBuffer,
  type Variable,
} from "./maps.ts";
export { arrayOfMaps, hashOfMaps, type ArrayOfMapsOptions, type InnerMap, type MapOfMaps } from "./map-of-maps.ts";
export { skStorage, type KernelSocket, type SocketStorage } from "./socket-storage.ts";
export type { SimulatedStorage } from "./simulate/simulated-storage.ts";
export { RedirectFlag, devMap, devMapHash, type DevMap, type DevMapEntry } from "./dev-map.ts";
export { programArray, type ProgramArray, type ProgramArrayOptions } from "./program-array.ts";
export { range } from "./range.ts";
export type { Packet } from "./packet-context.ts";
export {
  cgroupSkb,
  sockOps,
  tc,
  xdp,
  type CgroupSkbOptions,
  type Program,
  type ProgramOptions,
  type ProgramType,
  type XdpOptions,
} from "./program.ts";
export type { CgroupSkbFields } from "./simulate/cgroup-skb-machine.ts";
export type { SimulatedEnvironment, SimulatedProcess, Sequence } from "./simulate/environment-source.ts";
export {
  environmentRoutes,
  type RouteAnswer,
  type SimulatedRoute,
  type SimulatedRoutes,
} from "./simulate/simulated-routes.ts";
export type { SimulatedMap, SimulatedRing, SimulatedVariable } from "./simulate/handles.ts";
export type { Clone, Redirect } from "./simulate/packet-machine.ts";
export type { SimulatedPrograms } from "./simulate/program-slots.ts";
export { simulate, type SimulationOptions, type SimulationResult } from "./simulate/simulate.ts";
export type {
  IteratorOptions,
  Simulated,
  TracepointOptions,
  TracingOptions,
  TracingResult,
} from "./simulate/simulate-tracing.ts";
export type { SimulatedMapOfMaps } from "./simulate/simulated-map-of-maps.ts";
export { SimulatedMaps } from "./simulate/simulated-maps.ts";
export type { TcFields } from "./simulate/tc-machine.ts";
export type { XdpFields } from "./simulate/xdp-machine.ts";
export { kernelFunction, sourceOf, type FunctionSource, type Position, type SourceModule } from "./source.ts";
export * from "./tracepoints.ts";
export {
  iterator,
  rawTracepoint,
  tracepoint,
  type IteratorProgram,
  type RawTracepointContext,
  type TracepointProgram,
} from "./tracing.ts";
export {
  cast,
  commInto,
  copyString,
  currentCgroupId,
  currentPid,
  currentTid,
  ipv4Of,
  ipv6Of,
  objectAddress,
  probeRead,
  type KernelIpv6,
} from "./tracing-helpers.ts";
export { subprogram, type SubprogramParameter, type SubprogramResult } from "./subprogram.ts";
export { ipv4, ipv6, mac } from "../wire/address.ts";
export {
  array,
  be16,
  be24,
  be32,
  be48,
  be56,
  be64,
  bits,
  chars,
  header,
  i32,
  i64,
  ipv4Address,
  ipv6Address,
  macAddress,
  nested,
  struct,
  u16,
  u32,
  u64,
  u8,
  type Field,
  type FieldType,
  type Ipv4Address,
  type Ipv6Address,
  type Layout,
  type MacAddress,
  type TypeOf,
} from "../wire/layout.ts";
export { SockOps, SockOpsCallback, type SockOpsContext } from "./sock-ops-context.ts";
export { TcpState, type Socket } from "./socket.ts";
