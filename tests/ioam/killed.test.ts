/**
 * Commands that are killed on the way: packets flow whatever the moment, `show` tells what is there, the same command again finishes
 * what the dead one began, and removal leaves nothing; at TCX and, as on Linux 6.1, on a clsact. A few moments by default; all of
 * them, of all: IOAM_KILLS=100. What the next command finds in each state of a rule's change: src/mark/ioam/encap/change.test.ts.
 */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PIN_ROOT } from "../../src/bpf/pin/place.ts";
import { removeLeftovers } from "../../src/bpf/pin/registry.ts";
import { ConfigError } from "../../src/errors.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { routes } from "../../src/linux/rtnetlink/routes.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import {
  addEncap,
  addExport,
  addSink,
  addTransit,
  deleteEncap,
  deleteExport,
  deleteSink,
  deleteTransit,
  showIoam,
} from "../../src/mark/ioam/control.ts";
import { IoamLab, type Musketeer } from "../support/ioam-lab.ts";
import { killAt, killsAsked, momentsOf, someOf, type Command } from "../support/killed.ts";

interface Subject {
  readonly name: string;
  readonly node: Musketeer;
  readonly device: string;
  /** Between `ioam` and `add` or `delete`. */
  readonly object: string;
  /** Words of `add` before and behind those of the device. */
  readonly add: readonly [before: string, after: string];
  /** The same within this process. */
  again(target: { device: string; netns: string }): unknown;
  remove(target: { device: string; netns: string }): unknown;
  /** What it is changed to: words behind those of the device, and the same within this process. */
  readonly change?: readonly [words: string, again: (target: { device: string; netns: string }) => unknown];
}

const PREFIX = "db02::/64";
const rule = {
  prefix: PREFIX,
  traceType: 0xfe0000,
  namespaceId: 123,
  size: 84,
  frequency: { packets: 1, of: 1 },
} as const;

const asksForReports = {
  prefix: PREFIX,
  trace: "dex",
  traceType: 0xc00000,
  namespaceId: 123,
  frequency: { packets: 1, of: 1 },
} as const;

const subjects: readonly Subject[] = [
  {
    name: "encap",
    node: "athos",
    device: "h_athos",
    object: "encap",
    add: [`${PREFIX} `, " trace prealloc type 0xfe0000 ns 123 size 84"],
    again: (target) => addEncap(target, rule),
    remove: deleteEncap,
  },
  {
    name: "transit",
    node: "porthos",
    device: "h_porthos_a",
    object: "transit",
    add: ["", ""],
    again: (target) => addTransit(target),
    remove: deleteTransit,
    change: [" --xdp", (target) => addTransit(target, { xdp: true }, "change")],
  },
  {
    name: "transit at XDP",
    node: "porthos",
    device: "h_porthos_a",
    object: "transit",
    add: ["", " --xdp --next-hops"],
    again: (target) => addTransit(target, { xdp: true, nextHops: true }),
    remove: deleteTransit,
  },
  {
    name: "sink",
    node: "aramis",
    device: "h_aramis",
    object: "sink",
    add: ["", ""],
    again: (target) => addSink(target),
    remove: deleteSink,
    change: [" e2e", (target) => addSink(target, { e2e: true }, "change")],
  },
  {
    name: "export",
    node: "porthos",
    device: "h_porthos_a",
    object: "export",
    add: ["", ""],
    again: (target) => addExport(target),
    remove: deleteExport,
  },
];

let lab: IoamLab;
beforeEach(() => {
  lab = new IoamLab({ xdp: true });
});
afterEach(() => {
  lab.close();
  removeLeftovers();
});

const KILLS = killsAsked("IOAM_KILLS");
const isThorough = process.env["IOAM_KILLS"] !== undefined;
const devices = { athos: "h_athos", porthos: "h_porthos_a", aramis: "h_aramis" };
/** Of the packets that are sent while commands are run. */
const QDISC_LOSS = 0.05;
const PATIENCE = { timeout: 3000, interval: 5 };

const within = (netns: string, ...words: string[]): string =>
  execFileSync("ip", ["netns", "exec", netns, ...words], { encoding: "utf8" });
const tc = (netns: string, ...words: string[]): string => within(netns, "tc", ...words);

/** What of anybody's is on the device, in the routes and among the pins. */
const remains = ({ node, device }: Subject): Record<string, unknown> => {
  const netns = `${lab.name}-${node}`;
  const route = openRtnetlink(lab.node(node));
  try {
    const [net] = JSON.parse(within(netns, "bpftool", "-j", "net", "show", "dev", device)) as Record<
      string,
      { name: string }[]
    >[];
    const pins = readdirSync(PIN_ROOT, { recursive: true, encoding: "utf8" });
    return {
      programs: Object.entries(net ?? {}).flatMap(([hook, all]) => all.map(({ name }) => `${hook} ${name}`)),
      qdiscs: tc(netns, "qdisc", "show", "dev", device, "clsact"),
      mtu: routes(route).find(({ destination }) => destination === PREFIX)?.mtu,
      pins: pins.filter((path) => path.startsWith(`netns-${lab.node(node).inode}`)).toSorted(),
    };
  } finally {
    route.close();
  }
};

/** Packets that the subject did something with. */
const counted = (netns: string, kind: string): bigint => {
  const { counters = {} } = showIoam(netns).find((one) => one.kind === kind) ?? {};
  return (counters["sent"] ?? 0n) + (counters["filled"] ?? counters["received"] ?? 0n);
};

const encapsulator = (): { device: string; netns: string } => ({ device: "h_athos", netns: `${lab.name}-athos` });

/** How programs at tc are attached: on a clsact of their own, or on one that was there. */
type Way = "tcx" | "clsact of another" | "clsact";

const inBrief: Readonly<Record<Way, readonly string[]>> = {
  tcx: ["encap", "transit at XDP"],
  "clsact of another": ["sink"],
  clsact: ["transit"],
};

describe.each(Object.keys(inBrief) as Way[])("%s", (way) => {
  const environment = { HOPMARK_TCX: way === "tcx" ? "" : "off" };
  beforeEach(() => Object.assign(process.env, environment));
  afterEach(() => delete process.env["HOPMARK_TCX"]);

  const chosen = subjects.filter(({ name }) => isThorough || inBrief[way].includes(name));
  test.each(chosen.map((subject) => [subject.name, subject] as const))(
    "%s",
    { timeout: 60_000 + KILLS * 10_000 },
    async (_, subject) => {
      const { node, device, object, add } = subject;
      const netns = `${lab.name}-${node}`;
      const target = { device, netns };
      const command = (...words: string[]): Command => ({
        words: ["ioam", object, ...words.join(" ").split(" ").filter(Boolean), "--netns", netns],
        environment,
      });
      const adding = command("add", `${add[0]}dev ${device}${add[1]}`);
      const deleting = command("delete", `dev ${device}`);
      const kind = object;

      const clsact = (verb: "add" | "del"): void => {
        if (way !== "clsact of another") return;
        for (const [node, own] of Object.entries(devices))
          tc(`${lab.name}-${node}`, "qdisc", verb, "dev", own, "clsact");
      };
      clsact("add");
      const ping = await startPing(lab.node("athos"), { target: "db02::2", intervalMs: 2 });
      if (kind !== "encap") addEncap(encapsulator(), kind === "export" ? asksForReports : rule);
      // Also of an earlier namespace with the same inode.
      showIoam(netns);
      const nothing = remains(subject);
      const whenAdding = await momentsOf(adding);
      const everything = remains(subject);
      expect(everything).not.toEqual(nothing);
      const whenDeleting = await momentsOf(deleting);
      expect(remains(subject)).toEqual(nothing);

      /** `show` knows of all that is there. A dead process' links go in the kernel's own time. */
      const shown = async (): Promise<boolean> => {
        const isThere = showIoam(netns).some((one) => one.kind === kind);
        await vi.waitFor(() => expect(remains(subject)).toEqual(isThere ? everything : nothing), PATIENCE);
        return isThere;
      };
      const again = (): void => {
        try {
          subject.again(target);
        } catch (error) {
          // It was done before it was killed.
          if (!(error instanceof ConfigError) || !error.message.includes("already")) throw error;
        }
      };
      const told: string[] = [];
      let killed = 0;
      for (const [verb, moments] of [
        ["add", someOf(whenAdding, KILLS)],
        ["delete", someOf(whenDeleting, KILLS)],
      ] as const) {
        for (const [index, moment] of moments.entries()) {
          if (verb === "delete") subject.again(target);
          if (await killAt(verb === "add" ? adding : deleting, moment)) killed++;
          // The next command is one that looks, or the same one.
          const wasThere = index % 2 === 0 ? await shown() : undefined;
          if (verb === "add") again();
          else if (wasThere ?? (await shown())) subject.remove(target);
          expect(await shown(), moment.text).toBe(verb === "add");
          if (verb === "add") {
            const before = counted(netns, kind);
            await vi.waitFor(() => expect(counted(netns, kind)).toBeGreaterThan(before), PATIENCE);
            subject.remove(target);
          }
          expect(remains(subject), moment.text).toEqual(nothing);
          told.push(`  ${verb}, ${moment.text}: ${wasThere ?? "not looked at"}`);
        }
      }
      const [words, changeAgain] = subject.change ?? [];
      if (words !== undefined && changeAgain !== undefined) {
        const changing = command("change", `dev ${device}${words}`);
        subject.again(target);
        const whenChanging = await momentsOf(changing);
        const changed = remains(subject);
        subject.remove(target);
        for (const moment of someOf(whenChanging, KILLS)) {
          subject.again(target);
          if (await killAt(changing, moment)) killed++;
          // The one or the other, besides what the dead one had begun to make.
          expect(
            showIoam(netns).some((one) => one.kind === kind),
            moment.text,
          ).toBe(true);
          changeAgain(target);
          expect(remains(subject), moment.text).toEqual(changed);
          const before = counted(netns, kind);
          await vi.waitFor(() => expect(counted(netns, kind)).toBeGreaterThan(before), PATIENCE);
          subject.remove(target);
          expect(remains(subject), moment.text).toEqual(nothing);
          told.push(`  change, ${moment.text}`);
        }
      }
      if (kind !== "encap") deleteEncap(encapsulator());
      const { sent, received, errors } = await ping.stop();
      // Making or deleting a clsact stops the interface's sending for a moment (qdisc_graft), and what comes then is dropped.
      const lost = way === "clsact" ? sent * QDISC_LOSS : 0;
      expect(sent - received, told.join("\n")).toBeLessThanOrEqual(lost);
      expect(errors).toBe(0);
      clsact("del");
      expect(killed).toBeGreaterThan(0);
      console.log([`${whenAdding.length} and ${whenDeleting.length} moments, ${sent} echoes`, ...told].join("\n"));
    },
  );
});
