/** What `ioam plan` says and what `ioam encap add` does with it: never one thing and another. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../../errors.ts";
import type { Netns } from "../../linux/netns.ts";
import type { Route } from "../../linux/rtnetlink/routes.ts";
import type { LocalDevice } from "../../mark/ioam/device.ts";
import { insertedBytes } from "../../mark/ioam/encap/change.ts";
import { checkEncap, type CheckedEncap } from "../../mark/ioam/encap/options.ts";
import { roomWarnings } from "../../mark/ioam/encap/plan-advice.ts";
import { planRouteMtu } from "../../mark/ioam/encap/route-mtu.ts";
import { ioamFields, traceTypeBit } from "../../wire/ioam/fields.ts";
import { ipv6 } from "../../wire/address.ts";
import { ioamEncapAdd } from "../commands/ioam-encap-add.ts";
import { parseWords } from "../framework/words.ts";
import { readTraceType } from "../ioam-common.ts";
import { makePlan, type Plan, type PlanInput } from "./make-plan.ts";
import { encapCommand } from "./plan-text.ts";

const tunnels = ["none", "ipip", "gre", "fou", "gue", "geneve"] as const;

/** Types of defined bits, and now and then any 24 bits. */
const types = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .subarray(ioamFields.map(({ bit }) => bit).filter((bit) => bit < 12 || bit === 22))
      .map((bits) => bits.reduce((type, bit) => type | traceTypeBit(bit), 0)),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xff_ffff }) },
);

const inputs: fc.Arbitrary<PlanInput> = fc.record(
  {
    type: types,
    hops: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 255 })),
    size: fc.oneof(
      fc.integer({ min: 1, max: 61 }).map((words) => words * 4),
      fc.integer({ min: 0, max: 300 }),
    ),
    mode: fc.constantFrom("inline", "encap", "auto"),
    tunnel: fc.constantFrom(...tunnels),
    mtu: fc.oneof(fc.integer({ min: 1280, max: 1700 }), fc.integer({ min: 1280, max: 65535 })),
    schemaWords: fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 255 })),
    e2e: fc.boolean(),
  },
  { requiredKeys: ["type", "hops"] },
);

/** The refusal's words; the value when there is none. */
const tried = <T>(run: () => T): T | string => {
  try {
    return run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

/** What is asked for, as `encap add` reads it. */
const encapOptions = ({ type, size = 4, mode = "inline", e2e = false }: PlanInput) => ({
  prefix: "db02::/64",
  traceType: type,
  namespaceId: 1,
  size,
  frequency: { packets: 1, of: 1 },
  mode,
  e2e,
  ...(mode !== "inline" && { tundst: "db02::2" }),
});

/** The plan's own words, through the command's grammar. */
const commanded = (plan: Plan): CheckedEncap => {
  const line = encapCommand(plan).replace("PREFIX", "db02::/64").replace("ADDRESS", "db02::2").replace(" ID ", " 1 ");
  const words = line.replace(/^hopmark ioam encap add /, "").split(" ");
  const { prefix, trace, type, size, mode, tundst, e2e } = parseWords(ioamEncapAdd, words);
  expect(trace).toBe("prealloc");
  return checkEncap({
    prefix: String(prefix),
    traceType: readTraceType(String(type)),
    namespaceId: 1,
    size: Number(size),
    frequency: { packets: 1, of: 1 },
    e2e: e2e === true,
    ...(mode === "encap" && { mode, tundst: String(tundst) }),
  });
};

const netns: Netns = { fd: -1, inode: 0, label: "none", close: () => {} };
const deviceOf = (mtu: number, schemaWords: number): LocalDevice => ({
  netns,
  link: { index: 1, name: "eth0", mtu, mac: "02:00:00:00:00:01", up: true, carrier: true } as LocalDevice["link"],
  node: {
    id: 1,
    idWide: 1n,
    namespaces: [
      { id: 1, data: 0, dataWide: 0n, schema: { id: 1, words: Array.from({ length: schemaWords }, () => 0) } },
    ],
  },
  interface: { id: 1, idWide: 1, network: 14 },
});
const route: Route = {
  family: 10,
  destination: "db02::/64",
  device: 1,
  table: 254,
  kind: "unicast",
  protocol: 4,
  message: new Uint8Array(0),
};

/** What `encap add` does to the route, on an interface through the plan's tunnel. */
const routeMtuOf = (rule: CheckedEncap, { linkMtu, tunnel }: Plan, schemaWords: number): number | string => {
  const mtu = linkMtu - (tunnel?.bytes ?? 0);
  const device = deviceOf(mtu, schemaWords);
  const end = { source: ipv6("db01::1"), destination: ipv6("db02::2"), ifindex: 1, egress: device.interface, mtu };
  const whole = { ...rule, slot: 0, profile: 0, tunnel: rule.mode === "inline" ? null : end, route: null };
  const numbered = { ...whole, ...(rule.e2e === true && { e2eOrigin: 1 }) };
  const bytes = insertedBytes(device, numbered);
  return tried(() => planRouteMtu([route], { prefix: rule.prefix, device: device.link, bytes }, [])?.mtu ?? -1);
};

test("what one refuses the other refuses in the same words; what is planned is added, with the MTU that was said", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const plan = tried(() => makePlan(input));
      const wanted = tried(() => checkEncap(encapOptions(input)));
      if (typeof plan === "string" || typeof wanted === "string") {
        expect(plan).toBe(wanted);
        return;
      }
      const rule = commanded(plan);
      expect(rule.size).toBeLessThanOrEqual(input.size ?? plan.dataBytes);
      const schemaWords = input.schemaWords ?? 0;
      const mtu = routeMtuOf(rule, plan, schemaWords);
      const tooLong = plan.problems.some(({ problem }) => problem.includes("leave packets an MTU of"));
      if (tooLong) expect(mtu).toContain(`leaves an MTU of ${plan.mtu} on eth0`);
      else expect(mtu).toBe(plan.mtu);
      // What `encap add` warns of, the plan calls a problem; it can only know of itself and one node more.
      const words = Array.from({ length: schemaWords }, () => 0);
      const warned = roomWarnings(rule, { id: 1, words }).length > 0;
      const ofTwo = tried(() => makePlan({ ...input, size: rule.size, hops: 2 }));
      if (typeof ofTwo === "string") throw new Error(ofTwo);
      expect(ofTwo.problems.some(({ problem }) => problem.includes("overflow flag"))).toBe(warned);
    }),
    { numRuns: 1000 },
  );
});

test("a plan whose remedies are followed is one without problems", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      let plan = tried(() => makePlan(input));
      let now = input;
      for (let round = 0; round < 4 && typeof plan !== "string" && !plan.ok; round++) {
        for (const { remedy } of plan.problems) {
          if (remedy.startsWith("no type fits")) return;
          const [, type] = /type (0x[0-9a-f]{6})/.exec(remedy) ?? [];
          const [, size] = /size (\d+)/.exec(remedy) ?? [];
          const [, mtu] = /from \d+ to (\d+)/.exec(remedy) ?? [];
          if (type !== undefined) now = { ...now, type: Number(type) };
          if (size !== undefined) now = { ...now, size: Number(size) };
          if (mtu !== undefined) now = { ...now, mtu: Number(mtu) };
        }
        plan = makePlan(now);
      }
      expect(typeof plan === "string" || plan.ok).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
