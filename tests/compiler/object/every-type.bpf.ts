/** A program of every type and purpose that an object can hold, with the kinds of maps that tests/compiler/programs/every-map.bpf.ts has not. */
import {
  CgroupSkb,
  SockOps,
  Tc,
  Xdp,
  be24,
  cgroupSkb,
  currentPid,
  fetchAdd,
  iterator,
  perCpuArrayMap,
  rawTracepoint,
  skStorage,
  sockOps,
  subprogram,
  tc,
  tracepoint,
  u32,
  u64,
  variable,
  xdp,
  type TypeOf,
  struct,
} from "../../../src/kernel/index.ts";

const Seen = struct("seen", { frames: u64, bytes: u64 });
export const seen = perCpuArrayMap(Seen, { entries: 1, name: "seen" });
const carried = skStorage(u64, { name: "carried" });
export const limit = variable(u32, 1500, { name: "limit" });
export const events = variable(u64, 0n, { name: "events" });
/** Of a width for which C has no type. */
export const odd = variable(be24, 0x010203, { name: "odd" });
export const lastPid = variable(u32, 0, { name: "last_pid" });

const add = subprogram([Seen, u32], "nothing", (counter: TypeOf<typeof Seen>, bytes: number) => {
  counter.frames += 1n;
  counter.bytes += BigInt(bytes);
});

/** Counts frames, and drops those that are longer than a limit. */
export const count = xdp(
  (ctx) => {
    const own = seen.lookup(0);
    if (own !== null) add(own, ctx.packet.length);
    return ctx.packet.length > limit.value ? Xdp.Drop : Xdp.Pass;
  },
  { name: "count" },
);

export const whole = xdp((ctx) => (ctx.packet.length === odd.value ? Xdp.Drop : Xdp.Pass), {
  name: "whole",
  frags: true,
});

export const next = tc((ctx) => (ctx.mark === 1 ? Tc.Drop : Tc.Next), { name: "next" });

export const carry = cgroupSkb(
  (ctx) => {
    const { socket } = ctx;
    const own = socket === null ? null : carried.get(socket, { create: true });
    if (own !== null) own.value += 1n;
    return CgroupSkb.Allow;
  },
  { name: "carry" },
);

export const leave = cgroupSkb((ctx) => (ctx.mark === 1 ? CgroupSkb.AllowCongested : CgroupSkb.Allow), {
  name: "leave",
  egress: true,
});

export const window = sockOps(
  (ctx) => {
    if (ctx.op === SockOps.RwndInit) ctx.reply = 40;
  },
  { name: "window" },
);

export const left = tracepoint(
  "sched_process_exit",
  (task) => {
    lastPid.value = task.pid;
    fetchAdd(events, "value", 1n);
  },
  { name: "left" },
);

export const raw = rawTracepoint(
  "sched_process_exit",
  () => {
    lastPid.value = currentPid();
  },
  { name: "raw" },
);

export const tasks = iterator(
  "task",
  (ctx) => {
    if (ctx.task !== null) fetchAdd(events, "value", 1n);
  },
  { name: "tasks" },
);
