/** Tracing programs that the tests load, compare and attach. */
import {
  array,
  be16,
  cast,
  chars,
  commInto,
  copyString,
  currentCgroupId,
  currentPid,
  currentTid,
  fetchAdd,
  hashMap,
  ipv4Address,
  ipv4Of,
  ipv6Address,
  ipv6Of,
  iterator,
  macAddress,
  objectAddress,
  perCpuArrayMap,
  probeRead,
  rawTracepoint,
  ringBuffer,
  skStorage,
  struct,
  Tc,
  tc,
  tracepoint,
  u16,
  u32,
  u64,
  u8,
  variable,
} from "../../src/kernel/index.ts";

export const Packet = struct("packet", {
  length: u32,
  protocol: be16,
  summed: u16,
  ifindex: u32,
  name: chars(16),
  alias: chars(16),
  address: macAddress,
});
const Hardware = struct("hardware", { address: macAddress });
export const packets = ringBuffer({ bytes: 1 << 16, name: "packets" });

/** Integers, one of them big-endian, a bit field, structures behind pointers, text, and bytes that have no structure. */
export const received = tracepoint("netif_receive_skb", (skb) => {
  const dev = skb.dev;
  if (dev === null) return;
  const hardware = dev.dev_addr;
  if (hardware === null) return;
  const bytes = probeRead(Hardware, hardware);
  if (bytes === null) return;
  const record = packets.reserve(Packet);
  if (record === null) return;
  record.length = skb.len;
  record.protocol = skb.protocol;
  record.summed = skb.ip_summed;
  record.ifindex = dev.ifindex;
  record.name = dev.name;
  copyString(record, "alias", dev.name);
  record.address = bytes.address;
  packets.submit(record);
});

export const Flow = struct("flow", {
  source: ipv4Address,
  destination: ipv4Address,
  source6: ipv6Address,
  destination6: ipv6Address,
  sourcePort: u16,
  destinationPort: u16,
  family: u16,
});
export const Retransmits = struct("retransmits", { segments: u64, bytes: u64, rttUs: u32, state: u32 });
export const retransmits = hashMap(Flow, Retransmits, { entries: 1024, name: "retransmits" });

/** Members of unnamed structures, addresses, a cast to the structure that embeds another. */
export const watchRetransmits = tracepoint("tcp_retransmit_skb", (sk, skb) => {
  const common = sk.__sk_common;
  const flow = {
    source: ipv4Of(common.skc_rcv_saddr),
    destination: ipv4Of(common.skc_daddr),
    source6: ipv6Of(common.skc_v6_rcv_saddr),
    destination6: ipv6Of(common.skc_v6_daddr),
    sourcePort: common.skc_num,
    destinationPort: common.skc_dport,
    family: common.skc_family,
  };
  const known = retransmits.lookup(flow);
  if (known !== null) {
    fetchAdd(known, "segments", 1n);
    fetchAdd(known, "bytes", BigInt(skb.len));
    return;
  }
  const tcp = cast("tcp_sock", sk);
  retransmits.update(flow, { segments: 1n, bytes: BigInt(skb.len), rttUs: tcp.srtt_us, state: common.skc_state });
});

const Connection = struct("connection", { port: u32 });
export const carried = skStorage(Connection, { name: "carried" });
const Outcome = struct("outcome", { kept: u32, removed: u32, gone: u32, strange: u32 });
export const outcomes = hashMap(u32, Outcome, { entries: 4, name: "outcomes" });

/** Something that a socket carries from its request to its answer. */
export const connects = tracepoint("inet_sock_set_state", (sk, _, state) => {
  const port = sk.__sk_common.skc_dport;
  const counts = outcomes.lookup(port);
  if (counts === null) return;
  if (state === 2) {
    const own = carried.get(sk, { create: true });
    if (own !== null) own.port = port;
    return;
  }
  if (state !== 1) return;
  const own = carried.get(sk);
  if (own === null || own.port !== port) fetchAdd(counts, "strange", 1);
  else fetchAdd(counts, "kept", 1);
  if (carried.delete(sk)) fetchAdd(counts, "removed", 1);
  if (carried.get(sk) === null) fetchAdd(counts, "gone", 1);
});

export const Switch = struct("switch", { previous: u32, next: u32, nextName: chars(16), preempted: u32 });
export const switches = ringBuffer({ bytes: 1 << 18, name: "switches" });
export const wanted = variable(u32, 0, { name: "wanted" });

/** A boolean argument, arrays of characters, and an array that is indexed at run time. */
export const switched = tracepoint("sched_switch", (preempt, previous, next) => {
  if (next.tgid !== wanted.value && previous.tgid !== wanted.value) return;
  const record = switches.reserve(Switch);
  if (record === null) return;
  record.previous = previous.pid;
  record.next = next.pid;
  record.nextName = next.comm;
  record.preempted = preempt ? 1 : 0;
  switches.submit(record);
});

export const Call = struct("call", { number: u64, cgroup: u64, pid: u32, tid: u32, comm: chars(16) });
export const calls = ringBuffer({ bytes: 1 << 16, name: "calls" });

/** Words instead of types, and who runs. */
export const entered = rawTracepoint("sys_enter", (ctx) => {
  if (currentPid() !== wanted.value) return;
  const record = calls.reserve(Call);
  if (record === null) return;
  record.number = ctx.args[1] ?? 0n;
  record.cgroup = currentCgroupId();
  record.pid = currentPid();
  record.tid = currentTid();
  commInto(record, "comm");
  calls.submit(record);
});

export const Task = struct("task", { pid: u32, parent: u32, comm: chars(16) });

/** The kernel's tasks, one by one. */
export const tasks = iterator("task", (ctx) => {
  const { task } = ctx;
  if (task === null || task.pid !== task.tgid) return;
  const parent = task.real_parent;
  ctx.write(Task, { pid: task.tgid, parent: parent === null ? 0 : parent.tgid, comm: task.comm });
});

export const Socket = struct("socket", { port: u16, family: u16, state: u32 });

export const sockets = iterator("tcp", (ctx) => {
  const socket = ctx.sk_common;
  if (socket === null) return;
  ctx.write(Socket, { port: socket.skc_num, family: socket.skc_family, state: socket.skc_state });
});

export const drop = tc(() => Tc.Drop, { name: "drop" });

export const sums = hashMap(u32, Retransmits, { entries: 8, name: "sums" });

/** Arithmetic on a raw tracepoint's words, for running it on words of our own. */
export const summed = rawTracepoint("sys_exit", (ctx) => {
  sums.update(1, {
    segments: BigInt.asUintN(64, ctx.args[0]! + ctx.args[1]!),
    bytes: ctx.args[1]! ^ ctx.args[0]!,
    rttUs: Number(ctx.args[0]! & 0xffffn),
    state: ctx.args[1]! > ctx.args[0]! ? 1 : 0,
  });
});

/** More than the stack holds. */
export const Kept = struct("kept", { length: u32, start: array(u8, 600) });
export const kept = hashMap(u64, Kept, { entries: 64, name: "kept" });
const scratch = perCpuArrayMap(Kept, { entries: 1, name: "scratch" });
export const handedOver = hashMap(u32, u32, { entries: 64, name: "handed_over" });

/** Keeps what it knows of a packet under the packet's address, */
export const keep = tc((ctx) => {
  const entry = scratch.lookup(0);
  const { length } = ctx.packet;
  if (entry === null || length < 1 || length > 600) return Tc.Next;
  entry.length = length;
  if (ctx.loadInto(entry, "start", 0, length)) kept.update(objectAddress(ctx), entry);
  return Tc.Next;
});

/** and finds it again where the packet is handed to the driver. */
export const find = tracepoint("net_dev_start_xmit", (skb) => {
  const entry = kept.lookup(objectAddress(skb));
  if (entry === null) return;
  handedOver.update(entry.length, { value: skb.len });
});
