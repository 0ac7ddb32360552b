/**
 * Changing encapsulation under traffic: no packet is lost, whatever is added, deleted, made anew or looked up otherwise. More
 * changes: IOAM_CHANGES=100.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startPing } from "../../src/lab/traffic/ping.ts";
import {
  addEncap,
  addEncaps,
  deleteEncap,
  refreshIoam,
  showIoam,
  type EncapOptions,
} from "../../src/mark/ioam/control.ts";
import { IoamLab } from "../support/ioam-lab.ts";

const CHANGES = Number(process.env["IOAM_CHANGES"] ?? 24);

const rule: EncapOptions = {
  prefix: "db02::/64",
  traceType: 0xfe0000,
  namespaceId: 123,
  size: 84,
  frequency: { packets: 1, of: 1 },
};
/** Enough that the program asks a map. */
const others = Array.from({ length: 20 }, (_, index): EncapOptions => ({
  ...rule,
  prefix: `d${(0x100 + index).toString(16)}::/64`,
}));

let lab: IoamLab;
beforeEach(() => {
  lab = new IoamLab();
  lab.transit();
  lab.sink();
});
afterEach(() => lab.close());

test(`${CHANGES} changes`, { timeout: 300_000 }, async () => {
  const athos = { device: "h_athos", netns: `${lab.name}-athos` };
  const steps: (() => unknown)[] = [
    () => addEncap(athos, rule),
    () => addEncap(athos, { ...rule, prefix: "db02::2/128", traceType: 0xf00000, size: 48 }),
    () => refreshIoam(athos.netns),
    () => deleteEncap(athos, "db02::/64"),
    () => addEncaps(athos, others),
    () => addEncap(athos, { ...rule, frequency: { packets: 1, of: 2 } }),
    () => deleteEncap(athos, "db02::2/128"),
    () => addEncap(athos, { ...rule, prefix: "db02::/127" }),
    () => deleteEncap(athos),
  ];
  // Small ones, and those that fill the link, or the route's smaller MTU, to the byte.
  const pings = await Promise.all(
    [56, 1396 - 48, 1500 - 48].map((payloadBytes) =>
      startPing(lab.node("athos"), { target: "db02::2", payloadBytes, intervalMs: 1 }),
    ),
  );
  let traced = 0n;
  const ways = new Set<string>();
  for (let change = 0; change < CHANGES; change++) {
    if (change % steps.length === steps.length - 1) traced += sentOf(athos.netns);
    steps[change % steps.length]!();
    ways.add(String(showIoam(athos.netns).length > 16));
    // Some packets between one change and the next.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  traced += sentOf(athos.netns);
  const reports = await Promise.all(pings.map((ping) => ping.stop()));
  console.log(JSON.stringify({ changes: CHANGES, reports, traced: Number(traced) }));
  for (const { sent, received, errors } of reports) expect({ received, errors }).toEqual({ received: sent, errors: 0 });
  expect(reports[0]!.sent).toBeGreaterThan(CHANGES * 5);
  // The changes did something meanwhile.
  expect(traced).toBeGreaterThan(BigInt(CHANGES));
  expect(ways.size).toBe(CHANGES > 5 ? 2 : 1);
});

const sentOf = (netns: string): bigint =>
  showIoam(netns).reduce((sum, { counters }) => sum + (counters["sent"] ?? 0n), 0n);
