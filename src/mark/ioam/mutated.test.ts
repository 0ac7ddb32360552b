/** Thousands of broken Hop-by-Hop headers: kernel and V8 agree, no length is wrong, no verdict has no name. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Twin } from "../../../tests/support/twin.ts";
import { Xdp } from "../../kernel/context.ts";
import { noRoute } from "../../kernel/environment.ts";
import { mac } from "../../wire/address.ts";
import { encap } from "./encap/encap.bpf.ts";
import { encapCounters, encapReasons } from "./encap/counters.ts";
import type { Counters } from "../feature/counters.ts";
import { FIRST_DROPPED, outcomeNames } from "./outcome.ts";
import { sinkRing } from "./sink/report.bpf.ts";
import { sinkCounterNames, sinkCounters } from "./sink/counters.ts";
import { sink } from "./sink/sink.bpf.ts";
import { taiOffset } from "../feature/tai-offset.ts";
import { HOP_BY_HOP_AT } from "./conformance/frames.ts";
import { leaveAfter } from "./test-support/leave.bpf.ts";
import { mutatedFrame } from "./test-support/mutated.ts";
import { clock, device, node, rule, TAI_OFFSET } from "./test-support/nodes.ts";
import { transitCounters, transitIngress } from "./transit/transit.bpf.ts";
import { transitXdp } from "./transit/xdp.bpf.ts";
import { egressInterfaces, readWays, Takes, wayCounters } from "./transit/xdp-maps.ts";

const NEXT = -1;
const DROP = 2;
const runs = Number(process.env["IOAM_MUTATIONS"] ?? 2500);

let arriving: Twin;
let leaving: Twin;
let ending: Twin;
let starting: Twin;
let crossing: Twin;

const OUT = { ifindex: 5 };
const out = { id: 22, idWide: 22, takes: Takes.Frags, confirmedAt: clock.taiNs };
const route = { ...noRoute, code: 0, ...OUT };

beforeAll(() => {
  arriving = new Twin(transitIngress({ node, device }));
  leaving = new Twin(leaveAfter({ node, device }, 99n));
  ending = new Twin(sink({ node, device }));
  starting = new Twin(encap({ node, device, rules: [rule()] }));
  crossing = new Twin(transitXdp({ node, device, mac: mac("02:00:00:00:00:02"), table: false, frags: false }));
  for (const twin of [arriving, ending, starting, crossing]) twin.setVariable(taiOffset, TAI_OFFSET);
  crossing.kernel.map(egressInterfaces).set(OUT, out);
  crossing.maps.map(egressInterfaces).set(OUT, out);
}, 120_000);
afterAll(() => {
  for (const twin of [arriving, leaving, ending, starting, crossing]) twin.close();
});

type Sums = Readonly<Record<string, bigint>>;

const sums = (twin: Twin, map: Counters, names: readonly string[]): Sums =>
  Object.fromEntries(names.map((name, index) => [name, twin.kernel.map(map).sum(index)?.value ?? 0n]));

/** How much each counter grows while `run` runs. */
const grown = (read: () => Sums, run: () => void): Record<string, number> => {
  const before = read();
  run();
  return Object.fromEntries(
    Object.entries(read())
      .map(([name, value]) => [name, Number(value - before[name]!)] as const)
      .filter(([, value]) => value !== 0),
  );
};

/** Of packets that went across, by their ways. */
const ways = (): Sums => readWays((at) => crossing.kernel.map(wayCounters).sum(at)?.value ?? 0n).ways;

const payloadLength = (packet: Uint8Array): number => packet[18]! * 256 + packet[19]!;
const hopByHopBytes = (packet: Uint8Array): number => 8 + (packet[HOP_BY_HOP_AT + 1] ?? 0) * 8;
const dropping = outcomeNames.slice(FIRST_DROPPED);

test(`${runs} headers`, { timeout: 120_000 }, () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(mutatedFrame({ cut: true }), (given) => {
      const arrived = { verdict: 0, packet: given };
      const outcomes = grown(
        () => sums(arriving, transitCounters, outcomeNames),
        () => Object.assign(arrived, arriving.run(given, { environment: clock })),
      );
      for (const name of Object.keys(outcomes)) reached.add(name);
      expect(Object.keys(outcomes).length).toBeGreaterThan(0);
      expect(arrived.verdict).toBe(Object.keys(outcomes).some((name) => dropping.includes(name)) ? DROP : NEXT);
      expect(arrived.packet.length).toBe(given.length);

      if (arrived.verdict === NEXT) {
        const left = leaving.run(arrived.packet, { environment: clock, context: { ingressIfindex: 1 } });
        expect(left.packet.length).toBe(given.length);
      }

      const crossed = { verdict: 0, packet: given };
      const way = grown(ways, () => Object.assign(crossed, crossing.run(given, { environment: { ...clock, route } })));
      // XDP does with the trace what tc does, and sends nothing on that is not as long as it says.
      const claimed = 40 + payloadLength(given);
      const whole = claimed > 40 && 14 + claimed <= given.length;
      if (arrived.verdict === DROP) expect([crossed.verdict, way]).toEqual([Xdp.Drop, {}]);
      else if (!whole) expect([crossed.verdict, way]).toEqual([Xdp.Pass, { malformed: 1 }]);
      else if (crossed.verdict === Xdp.Redirect) expect(way).toEqual({ forwarded: 1 });
      else expect([crossed.verdict, way]).toEqual([Xdp.Pass, { otherOptions: 1 }]);
      expect(crossed.packet.length).toBe(given.length);

      const ended = { verdict: 0, packet: given };
      const ends = grown(
        () => sums(ending, sinkCounters, sinkCounterNames),
        () => Object.assign(ended, ending.run(given, { environment: clock })),
      );
      ending.records(sinkRing);
      expect(ended.verdict).toBe(arrived.verdict);
      expect(ends).toMatchObject(outcomes);
      const isStripped = ended.packet.length !== given.length;
      if (isStripped) {
        expect(ended.packet.length).toBe(given.length - hopByHopBytes(given));
        expect(payloadLength(ended.packet)).toBe(payloadLength(given) - hopByHopBytes(given));
        expect(ended.packet[20]).toBe(given[HOP_BY_HOP_AT]);
        // Or options that number packets or ask for reports.
        const others = (ends["edgeToEdge"] ?? 0) + (ends["notATrace"] ?? 0);
        expect((ends["received"] ?? 0) + others).toBeGreaterThan(0);
      } else if (ended.verdict === NEXT && ends["received"] !== undefined) {
        expect((ends["notStripped"] ?? 0) + (ends["otherOptionsKept"] ?? 0)).toBe(1);
      }

      const started = grown(
        () => sums(starting, encapCounters, encapReasons),
        () => starting.run(given, { environment: clock }),
      );
      expect(started).toEqual({ hopByHopPresent: 1 });
    }),
    { numRuns: runs },
  );
  expect([...reached].toSorted()).toEqual([...outcomeNames].toSorted());
});
