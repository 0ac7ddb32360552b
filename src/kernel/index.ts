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
export { Environment } from "./environment.ts";
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
export { range } from "./range.ts";
export type { Packet } from "./packet-context.ts";
export { cgroupSkb, sockOps, tc, xdp, type Program, type ProgramOptions, type ProgramType } from "./program.ts";
export type { CgroupSkbFields } from "./simulate/cgroup-skb-machine.ts";
export type { SimulatedEnvironment, Sequence } from "./simulate/environment-source.ts";
export type { SimulatedMap, SimulatedRing, SimulatedVariable } from "./simulate/handles.ts";
export type { Redirect } from "./simulate/packet-machine.ts";
export { simulate, type SimulationOptions, type SimulationResult } from "./simulate/simulate.ts";
export { SimulatedMaps } from "./simulate/simulated-maps.ts";
export type { TcFields } from "./simulate/tc-machine.ts";
export type { XdpFields } from "./simulate/xdp-machine.ts";
export { kernelFunction, sourceOf, type FunctionSource, type Position, type SourceModule } from "./source.ts";
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
