import type { IoamStatus, StoredRule } from "../../mark/ioam/control.ts";
import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import type { Style } from "../framework/style.ts";
import { deviceWord, ioamRights, typeText } from "../ioam-common.ts";

export const ioamShow = defineCommand({
  name: "ioam show",
  summary: "list encapsulation rules, transit nodes and sinks, with their counters",
  keywords: { dev: { ...deviceWord, description: "this interface only", optional: true } },
  options: { netns: netnsOption },
  examples: ["hopmark ioam show --netns musketeers-athos"],
  needs: ioamRights,
  run: async ({ dev, netns }, { output }) => {
    const { showIoam } = await import("../../mark/ioam/control.ts");
    const found = showIoam(netns).filter(({ device }) => dev === undefined || device === dev);
    output.print(found, (all, style) => all.map((one) => statusText(one, style)).join("\n"));
    if (found.length === 0 && !output.json) output.note("no IOAM of Hopmark's is set up here");
  },
});

/** The line that would make it again, and what it counted. */
const statusText = (status: IoamStatus, style: Style): string =>
  `${style("bold", ioamGrammar(status))}\n    ${countersText(status.counters)}`;

/** As `ioam … add` takes it, without `add`: `sink dev eth0`. */
export const ioamGrammar = (status: IoamStatus): string => {
  if (status.kind === "transit") return `transit dev ${status.device}${xdpText(status.xdp)}`;
  if (status.kind === "sink") return `sink dev ${status.device}${status.options.keep ? " keep" : ""}`;
  const { prefix, traceType, namespaceId, size, frequency } = status.rule;
  const rate = frequency.of === 1 ? "" : ` freq ${frequency.packets}/${frequency.of}`;
  const [where, chosen] = tunnelTexts(status.rule);
  return `encap ${prefix} dev ${status.device}${rate}${where} trace prealloc type ${typeText(traceType)} ns ${namespaceId} size ${size}${chosen}`;
};

/** What was asked for, and in brackets what was chosen. */
const tunnelTexts = ({ mode, tunsrc, tunnel }: StoredRule): [asked: string, chosen: string] => {
  if (tunnel === null) return ["", ""];
  const source = tunsrc === undefined ? "" : ` tunsrc ${tunsrc}`;
  return [
    ` mode ${mode}${source} tundst ${tunnel.destination}`,
    tunsrc === undefined ? ` (tunsrc ${tunnel.source})` : "",
  ];
};

const xdpText = (xdp: Extract<IoamStatus, { kind: "transit" }>["xdp"]): string => {
  if (xdp === undefined) return "";
  const mode = xdp.mode === "generic" ? " (in the stack)" : "";
  const kept = xdp.kept === true ? " (kept)" : " (nobody keeps them: the kernel is asked)";
  return ` --xdp${mode}${xdp.table ? ` --next-hops${kept}` : ""}`;
};

/** The first reason always, as it is what happens when all is well; others when they happened. */
const countersText = (counters: Readonly<Record<string, bigint>>): string =>
  Object.entries(counters)
    .filter(([, value], index) => index === 0 || value !== 0n)
    .map(([name, value]) => `${name} ${value}`)
    .join("  ");
