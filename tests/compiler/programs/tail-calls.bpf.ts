/** Programs that go on as others: by what the packet says, in a circle up to the limit, and past views that become stale. */
import { Tc, Xdp } from "../../../src/kernel/context.ts";
import { arrayMap, ringBuffer, variable } from "../../../src/kernel/maps.ts";
import { programArray } from "../../../src/kernel/program-array.ts";
import { tc, xdp } from "../../../src/kernel/program.ts";
import { struct, u32, u64 } from "../../../src/wire/layout.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Ipv4 } from "../../../src/wire/headers/ipv4.ts";
import { Ipv6 } from "../../../src/wire/headers/ipv6.ts";

export const Seen = struct("seen", { version: u32, hops: u32 });
export const seen = ringBuffer({ bytes: 4096, name: "seen" });

const report = (version: number, hops: number): void => {
  const record = seen.reserve(Seen);
  if (record === null) return;
  record.version = version;
  record.hops = hops;
  seen.submit(record);
};

const parseIpv4 = xdp(
  (ctx) => {
    const ip = ctx.packet.at(Ipv4, 14);
    if (ip === null) return Xdp.Aborted;
    report(4, ip.ttl);
    ip.ttl = 1;
    return Xdp.Pass;
  },
  { name: "parse_ipv4" },
);

const parseIpv6 = xdp(
  (ctx) => {
    const ip = ctx.packet.at(Ipv6, 14);
    if (ip === null) return Xdp.Aborted;
    report(6, ip.hopLimit);
    return Xdp.Drop;
  },
  { name: "parse_ipv6" },
);

export const parsers = programArray({ entries: 8, programs: { 4: parseIpv4, 6: parseIpv6 }, name: "parsers" });

/** Hands over to who knows the protocol; what nobody knows is sent back, with its source changed. */
export const classify = xdp(
  (ctx) => {
    const ethernet = ctx.packet.at(Ethernet, 0);
    if (ethernet === null) return Xdp.Aborted;
    const { etherType } = ethernet;
    parsers.tailCall(ctx, etherType === 0x86dd ? 6 : etherType === 0x0800 ? 4 : etherType);
    const again = ctx.packet.at(Ethernet, 0);
    if (again === null) return Xdp.Aborted;
    again.source = again.destination;
    return Xdp.Tx;
  },
  { name: "classify" },
);

export const rounds = variable(u32, 0, { name: "rounds" });
const totals = arrayMap(u64, { entries: 1, name: "totals" });

/** Goes on as itself until it must not any more. */
export const circle = tc(
  (ctx) => {
    rounds.value += 1;
    const total = totals.lookup(0);
    if (total !== null) total.value += 1n;
    ctx.mark = ctx.mark + 1;
    again.tailCall(ctx, 0);
    return total === null ? Tc.Drop : ctx.mark;
  },
  { name: "circle" },
);

const again = programArray({ entries: 1, programs: [circle], name: "again" });

/** Nobody is in it until user space puts somebody there. */
export const empty = programArray<"xdp">({ entries: 2, name: "empty" });
export const wait = xdp(
  (ctx) => {
    empty.tailCall(ctx, 1);
    return Xdp.Drop;
  },
  { name: "wait" },
);
export const pass = xdp(() => Xdp.Pass, { name: "pass" });
export const ok = tc(() => Tc.Ok, { name: "ok" });

/** The same for programs that take frames in several buffers. */
export const alsoEmpty = programArray<"xdp">({ entries: 2, name: "also_empty" });
export const waitWhole = xdp(
  (ctx) => {
    alsoEmpty.tailCall(ctx, 1);
    return Xdp.Drop;
  },
  { name: "wait_whole", frags: true },
);
export const whole = xdp(() => Xdp.Aborted, { name: "whole", frags: true });
export const waitToo = xdp(
  (ctx) => {
    alsoEmpty.tailCall(ctx, 1);
    return Xdp.Drop;
  },
  { name: "wait_too" },
);
