/**
 * Changing what is set up, under traffic: rules, transit and sink get other settings in place, no packet is lost, and what was counted
 * stays counted. More changes: IOAM_CHANGES=100.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { addEncap, addSink, addTransit, showIoam, type EncapOptions } from "../../src/mark/ioam/control.ts";
import { IoamLab } from "../support/ioam-lab.ts";

const CHANGES = Number(process.env["IOAM_CHANGES"] ?? 11);

const rule: EncapOptions = {
  prefix: "db02::/64",
  traceType: 0xfe0000,
  namespaceId: 123,
  size: 84,
  frequency: { packets: 1, of: 1 },
};

let lab: IoamLab;
beforeEach(() => void (lab = new IoamLab({ xdp: true })));
afterEach(() => lab.close());

test(`${CHANGES} changes of settings`, { timeout: 300_000 }, async () => {
  const at = (node: string, device: string) => ({ device, netns: `${lab.name}-${node}` });
  const athos = at("athos", "h_athos");
  const aramis = at("aramis", "h_aramis");
  const porthos = at("porthos", "h_porthos_a");
  const counters = (): Map<string, bigint> =>
    new Map(
      [athos, aramis, porthos].flatMap(({ netns }) =>
        showIoam(netns).flatMap(({ kind, device, counters: own }) =>
          Object.entries(own).map(([name, value]) => [`${kind} ${device} ${name}`, value] as const),
        ),
      ),
    );
  addEncap(athos, rule);
  addSink(aramis);
  addTransit(porthos);
  addTransit(at("porthos", "h_porthos_b"));
  const steps: (() => unknown)[] = [
    () => addEncap(athos, { ...rule, traceType: 0xf00000, size: 48 }, "change"),
    () => addTransit(porthos, { xdp: true }, "change"),
    () => addSink(aramis, { e2e: true }, "change"),
    () => addEncap(athos, { ...rule, e2e: true }, "change"),
    () => addTransit(porthos, { xdp: true, nextHops: true }, "change"),
    () => addEncap(athos, { ...rule, traceType: 0xf20000, size: 60, e2e: true }, "change"),
    () => addSink(aramis, { e2e: true }, "replace"),
    () => addEncap(athos, { ...rule, mode: "encap", tundst: "db02::2" }, "change"),
    () => addTransit(porthos, {}, "change"),
    () => addSink(aramis, {}, "change"),
    () => addEncap(athos, rule, "replace"),
  ];
  // Small ones, and those that fill the link, or the route's smaller MTU, to the byte.
  const pings = await Promise.all(
    [56, 1396 - 48, 1500 - 48].map((payloadBytes) =>
      startPing(lab.node("athos"), { target: "db02::2", payloadBytes, intervalMs: 1 }),
    ),
  );
  let before = counters();
  for (let change = 0; change < CHANGES; change++) {
    steps[change % steps.length]!();
    // Some packets between one change and the next.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const after = counters();
    const less = [...before].filter(([name, value]) => !/e2e/i.test(name) && (after.get(name) ?? value) < value);
    expect(less, `after change ${change}`).toEqual([]);
    before = after;
  }
  const reports = await Promise.all(pings.map((ping) => ping.stop()));
  const end = counters();
  console.log(JSON.stringify({ changes: CHANGES, reports }));
  for (const { sent, received, errors } of reports) expect({ received, errors }).toEqual({ received: sent, errors: 0 });
  // Every packet was counted at athos, across all changes; long ones in pieces.
  const sent = reports.reduce((sum, report) => sum + report.sent, 0);
  const ofEncap = [...end].reduce((sum, [name, value]) => (name.startsWith("encap ") ? sum + Number(value) : sum), 0);
  expect(ofEncap).toBeGreaterThanOrEqual(sent);
  expect(end.get("encap h_athos sent")).toBeGreaterThan(BigInt(CHANGES * 5));
  // What was sent with a trace came with one, whatever the trace, and the way of those that transit at XDP forwarded.
  expect(end.get("sink h_aramis received")).toBe(end.get("encap h_athos sent"));
});
