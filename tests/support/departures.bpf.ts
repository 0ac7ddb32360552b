/** Counts packets of 200 bytes and more by the clock of the time at which they shall leave, behind all other programs. */
import { Tc } from "../../src/kernel/context.ts";
import { hashMap } from "../../src/kernel/maps.ts";
import { tc } from "../../src/kernel/program.ts";
import { struct, u32, u64 } from "../../src/wire/layout.ts";

const SHORTEST = 200;

export const departures = hashMap(struct("departure", { timeNs: u64, clock: u32, unused: u32 }), u64, {
  entries: 64,
  name: "departures",
});

export const watchDepartures = tc(
  (ctx) => {
    if (ctx.packet.length < SHORTEST) return Tc.Next;
    const key = { timeNs: ctx.timestamp, clock: ctx.timestampClock, unused: 0 };
    const seen = departures.lookup(key);
    if (seen === null) departures.update(key, { value: 1n });
    else seen.value += 1n;
    return Tc.Next;
  },
  { name: "departures" },
);
