/** Nodes on the way. */
import type { LoadedProgram } from "../../../src/bpf/loaded-program.ts";
import { Tc, Xdp } from "../../../src/kernel/context.ts";
import { addressBytes, mac } from "../../../src/wire/address.ts";
import { egressInterfaces, readWays, Takes, wayCounters } from "../../../src/mark/ioam/transit/xdp-maps.ts";
import { transitXdp } from "../../../src/mark/ioam/transit/xdp.bpf.ts";
import { exportCounterNames, exportCounters, exportRing } from "../../../src/mark/ioam/export/counters.ts";
import { exportIngress } from "../../../src/mark/ioam/export/dex.bpf.ts";
import { outcomeNames } from "../../../src/mark/ioam/outcome.ts";
import { leaveAfter } from "../../../src/mark/ioam/test-support/leave.bpf.ts";
import { clock, device, node } from "../../../src/mark/ioam/test-support/nodes.ts";
import { transitCounters, transitIngress } from "../../../src/mark/ioam/transit/transit.bpf.ts";
import { filledRight, isSame } from "./invariants.ts";
import { outcomesRight } from "./outcomes.ts";
import { mutatedPacket } from "./packets.ts";
import { countersOf, named, route, type Counted, type Subject } from "./subject.ts";

const mustName = named(Tc.Next, Tc.Drop);
const mustNameAtXdp = named(Xdp.Drop, Xdp.Pass, Xdp.Redirect);

/** What is filled in the usual place is counted with its way alone. */
const outcomesAtXdp = (kernel: LoadedProgram): Counted => {
  const outcomes = countersOf(transitCounters, outcomeNames)(kernel);
  const { filled } = readWays((at) => kernel.map(wayCounters).sum(at)?.value ?? 0n);
  return { ...outcomes, filled: outcomes["filled"]! + Number(filled) };
};

export const transitSubjects: readonly Subject[] = [
  {
    name: "transit ingress",
    program: transitIngress({ node, device }),
    drop: Tc.Drop,
    counters: countersOf(transitCounters, outcomeNames),
    packet: (random) => mutatedPacket(random),
    check: (given, verdict, output) => mustName(verdict) || filledRight(given, output),
    checkCounters: outcomesRight,
  },
  {
    name: "transit egress",
    program: leaveAfter({ node, device }, 99n),
    drop: Tc.Drop,
    packet: (random) => mutatedPacket(random),
    check: (given, verdict, output) => mustName(verdict) || filledRight(given, output),
  },
  {
    name: "transit XDP",
    program: transitXdp({ node, device, mac: mac("02:00:00:00:00:02"), table: false, frags: false }),
    drop: Xdp.Drop,
    counters: outcomesAtXdp,
    prepare: (kernel, v8) => {
      for (const handle of [kernel.map(egressInterfaces), v8.map(egressInterfaces)])
        handle.set({ ifindex: route.ifindex }, { id: 7, idWide: 8, takes: Takes.OneBuffer, confirmedAt: clock.taiNs });
    },
    packet: (random) => mutatedPacket(random),
    check: (given, verdict, output) => {
      const wrong = mustNameAtXdp(verdict);
      if (wrong !== "" || verdict !== Xdp.Redirect) return wrong || filledRight(given, output);
      const forwarded = given.slice();
      forwarded.set(addressBytes("mac", route.destinationMac));
      forwarded.set(addressBytes("mac", route.sourceMac), 6);
      forwarded[21]! -= 1;
      return filledRight(forwarded, output);
    },
    checkCounters: outcomesRight,
  },
  {
    name: "exporter",
    program: exportIngress({ node, device }),
    drop: Tc.Drop,
    counters: countersOf(exportCounters, exportCounterNames),
    ring: exportRing,
    packet: (random) => mutatedPacket(random),
    check: (given, verdict, output) =>
      verdict !== Tc.Next ? `verdict ${verdict} of an exporting node` : isSame(given, output) ? "" : "a packet changed",
    checkCounters: (counted, _, records) =>
      records === counted["exported"] ? "" : `${counted["exported"]} records counted, ${records} came`,
  },
];
