/** Every type of map, variables with and without a first value, and names that are used twice. */
import { Tc, Xdp } from "../../../src/kernel/context.ts";
import { devMap, devMapHash } from "../../../src/kernel/dev-map.ts";
import { arrayOfMaps, hashOfMaps } from "../../../src/kernel/map-of-maps.ts";
import {
  arrayMap,
  hashMap,
  lpmTrie,
  lruHashMap,
  lruPerCpuHashMap,
  perCpuArrayMap,
  perCpuHashMap,
  ringBuffer,
  variable,
} from "../../../src/kernel/maps.ts";
import { programArray } from "../../../src/kernel/program-array.ts";
import { tc, xdp } from "../../../src/kernel/program.ts";
import { be16, ipv4Address, macAddress, struct, u32, u64 } from "../../../src/wire/layout.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Ipv4 } from "../../../src/wire/headers/ipv4.ts";

const Station = struct("station", { address: macAddress, etherType: be16 });
const Prefix = struct("prefix", { prefixLength: u32, address: ipv4Address });
const Seen = struct("seen", { packets: u64, bytes: u64 });
const Note = struct("note", { etherType: be16, length: u32 });

export const plain = hashMap(Station, Seen, { entries: 8, name: "stations" });
export const recent = lruHashMap(Station, Seen, { entries: 8, name: "recent" });
export const perCpu = perCpuHashMap(u32, u64, { entries: 8, name: "per_cpu" });
export const recentPerCpu = lruPerCpuHashMap(u32, u64, { entries: 8, name: "recent_per_cpu" });
export const sparse = hashMap(u32, u64, { entries: 8, name: "sparse", noPrealloc: true });
export const slots = arrayMap(Seen, { entries: 2, name: "slots" });
export const perCpuSlots = perCpuArrayMap(u64, { entries: 2, name: "per_cpu_slots" });
export const routes = lpmTrie(Prefix, u32, { entries: 8, name: "routes" });
export const notes = ringBuffer({ bytes: 4096, name: "notes" });
export const tables = arrayOfMaps(plain, { entries: 3, maps: { 2: plain }, name: "tables" });
export const bySlot = hashOfMaps(u64, slots, { entries: 3, name: "by_slot" });
export const ports = devMap({ entries: 3, name: "ports" });
export const portsByNumber = devMapHash({ entries: 3, name: "ports_by_number" });
export const limit = variable(u64, 1000n, { name: "limit" });
export const total = variable(u64, 0n, { name: "total" });
/** The kernel's name of two things, which an object must tell apart. */
export const otherTotal = variable(u32, 7, { name: "total" });

export const everyMap = tc(
  (ctx) => {
    total.value = BigInt.asUintN(64, total.value + 1n);
    const ethernet = ctx.packet.at(Ethernet, 0);
    const ip = ctx.packet.at(Ipv4, 14);
    if (ethernet === null || ip === null || total.value > limit.value) return Tc.Drop;
    const key = { address: ethernet.source, etherType: ethernet.etherType };
    plain.update(key, { packets: 1n, bytes: 2n });
    recent.update(key, { packets: 3n, bytes: 4n });
    perCpu.update(5, { value: 6n });
    recentPerCpu.update(5, { value: 7n });
    sparse.update(5, { value: 8n });
    const slot = slots.lookup(1);
    if (slot !== null) slot.packets += 1n;
    const own = perCpuSlots.lookup(1);
    if (own !== null) own.value += 1n;
    const route = routes.lookup({ prefixLength: 32, address: ip.destination });
    const note = notes.reserve(Note);
    if (note !== null) {
      note.etherType = ethernet.etherType;
      note.length = ctx.packet.length;
      notes.submit(note);
    }
    const table = tables.lookup(2);
    if (table !== null) table.delete({ address: ethernet.destination, etherType: ethernet.etherType });
    if (bySlot.lookup(total.value) !== null) return Tc.Drop;
    notes.output(ip, ip.headerLength * 4 > 20 ? 20 : 19);
    sizes.tailCall(ctx, ctx.packet.length > 1000 ? 3 : ctx.packet.length > 500 ? 1 : 0);
    return route === null ? Tc.Next : Tc.Ok;
  },
  { name: "every_map" },
);

const small = tc(() => Tc.Ok, { name: "small" });
const large = tc(() => Tc.Drop, { name: "large" });
export const sizes = programArray({ entries: 5, programs: { 1: small, 3: large }, name: "sizes" });

/** Shares a variable with the other program. */
export const overLimit = xdp(
  (ctx) => {
    if (total.value > limit.value || otherTotal.value === 0) return Xdp.Drop;
    const verdict = portsByNumber.redirect(ctx.ifindex, Xdp.Pass);
    return verdict === Xdp.Pass ? ports.redirect(ctx.rxQueue, Xdp.Pass) : verdict;
  },
  { name: "over_limit" },
);
