/** Maps found in maps: hash maps by index, arrays by key, per-CPU ones, and one of which the program has the name as well. */
import { Xdp } from "../../../src/kernel/context.ts";
import { arrayOfMaps, hashOfMaps } from "../../../src/kernel/map-of-maps.ts";
import { arrayMap, hashMap, perCpuArrayMap, ringBuffer } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { array, header, ipv4Address, struct, u32, u64, u8 } from "../../../src/wire/layout.ts";

const Frame = header("frame", "", { table: u8, action: u8, address: ipv4Address, rest: array(u8, 8) });
export const Route = struct("route", { verdict: u32, packets: u64 });

export const routes = hashMap(ipv4Address, Route, { entries: 4, name: "routes" });
export const north = hashMap(ipv4Address, Route, { entries: 4, name: "north" });
export const south = hashMap(ipv4Address, Route, { entries: 8, name: "south" });
export const tables = arrayOfMaps(routes, { entries: 4, maps: { 1: north, 2: south }, name: "tables" });

const slots = arrayMap(Route, { entries: 2, name: "slots" });
export const firstSlots = arrayMap(Route, { entries: 2, name: "first_slots" });
export const bySource = hashOfMaps(ipv4Address, slots, { entries: 4, name: "by_source" });

/** More than XDP has verdicts. */
const answers = { noMap: 10, noValue: 15, noSlot: 11, isOut: 20, isFull: 21, noRecord: 22, isDone: 23 };

/** Byte 0 says which table, byte 1 what to do there with the address behind it. */
export const route = xdp(
  (ctx) => {
    const frame = ctx.packet.at(Frame, 0);
    if (frame === null) return Xdp.Aborted;
    const { address, action } = frame;
    const table = tables.lookup(frame.table);
    if (table === null) return answers.noMap;
    if (action === 1) return table.update(address, { verdict: 20, packets: 0n }) ? 11 : 12;
    if (action === 2) return table.delete(address) ? 13 : 14;
    const found = table.lookup(address);
    if (found === null) return answers.noValue;
    found.packets += 1n;
    return found.verdict + tables.inner.keySize;
  },
  { name: "route" },
);

/** The map is one of two, and its value is copied to where the same map may be reached by its own name. */
export const copy = xdp(
  (ctx) => {
    const frame = ctx.packet.at(Frame, 0);
    if (frame === null) return Xdp.Aborted;
    let own = bySource.lookup(frame.address);
    if (frame.action === 1) own = bySource.lookup("10.0.0.9" as typeof frame.address);
    if (own === null) return answers.noMap;
    const from = own.lookup(0);
    const to = firstSlots.lookup(1);
    if (from === null || to === null) return answers.noSlot;
    from.verdict += 1;
    to.verdict = from.verdict;
    to.packets = from.packets + 5n;
    const last = own.lookup(frame.table);
    return last === null ? 12 : last.verdict;
  },
  { name: "copy" },
);

export const counts = arrayOfMaps(perCpuArrayMap(u64, { entries: 1, name: "counter" }), { entries: 2, name: "counts" });
export const counter = perCpuArrayMap(u64, { entries: 1, name: "own_counter" });
export const count = xdp(
  () => {
    const own = counts.lookup(1)?.lookup(0) ?? null;
    if (own === null) return Xdp.Drop;
    own.value += 1n;
    return Xdp.Pass;
  },
  { name: "count" },
);

export const shortRing = ringBuffer({ bytes: 4096, name: "short_ring" });
export const longRing = ringBuffer({ bytes: 8192, name: "long_ring" });
const ringPattern = ringBuffer({ bytes: 4096, name: "ring_pattern" });
export const ringTable = arrayOfMaps(ringPattern, { entries: 3, maps: [shortRing, longRing], name: "ring_table" });

/** Byte 0 says which ring, byte 1 what to put into it: a record, a record that is taken back, or the start of a map's value. */
export const put = xdp(
  (ctx) => {
    const frame = ctx.packet.at(Frame, 0);
    const slot = firstSlots.lookup(0);
    if (frame === null || slot === null) return Xdp.Aborted;
    const { table, action } = frame;
    const ring = ringTable.lookup(table);
    if (ring === null) return answers.noMap;
    if (action === 0) return ring.output(slot, 4) ? answers.isOut : answers.isFull;
    const record = ring.reserve(Route);
    if (record === null) return answers.noRecord;
    record.verdict = action;
    record.packets = 7n;
    if (action === 1) ring.submit(record);
    else ring.discard(record);
    return answers.isDone;
  },
  { name: "put" },
);
