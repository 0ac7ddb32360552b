import type { IoamStatus, NumberedPackets, StoredRule } from "../../mark/ioam/control.ts";
import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import type { Style } from "../framework/style.ts";
import { deviceWord, ioamRights, typeText } from "../ioam-common.ts";

export const ioamShow = defineCommand({
  name: "ioam show",
  summary: "list encapsulation rules, transit nodes, exporters and sinks, with their counters",
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
  [
    style("bold", ioamGrammar(status)),
    countersText(status.counters),
    ...(status.kind === "sink" ? (status.edgeToEdge ?? []).map(numberedText) : []),
  ].join("\n    ");

/** As `ioam … add` takes it, without `add`: `sink dev eth0`. */
export const ioamGrammar = (status: IoamStatus): string => {
  if (status.kind === "transit") return `transit dev ${status.device}${xdpText(status.xdp)}`;
  if (status.kind === "export") return `export dev ${status.device}`;
  if (status.kind === "sink")
    return `sink dev ${status.device}${status.options.keep ? " keep" : ""}${status.options.e2e ? " e2e" : ""}`;
  const { prefix, traceType, namespaceId, frequency } = status.rule;
  const rate = frequency.of === 1 ? "" : ` freq ${frequency.packets}/${frequency.of}`;
  const [where, chosen] = tunnelTexts(status.rule);
  return `encap ${prefix} dev ${status.device}${rate}${where} trace ${status.rule.trace ?? "prealloc"} type ${typeText(traceType)} ns ${namespaceId}${kindText(status.rule)}${chosen}`;
};

/** What each kind of trace says of itself; a flow id that was drawn in brackets. */
const kindText = ({ trace, size, e2e, flowId, dexFlowId }: StoredRule): string => {
  if (trace !== "dex") return ` size ${size}${e2e === true ? " e2e" : ""}`;
  return flowId === undefined ? ` (flow ${dexFlowId})` : ` flow ${flowId}`;
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

/** `from node 1 in namespace 123: received 998  lost 2  duplicated 0  reordered 1  late 0` */
const numberedText = ({
  nodeId,
  namespaceId,
  received,
  lost,
  duplicated,
  reordered,
  late,
  pieces,
}: NumberedPackets): string =>
  `from node ${nodeId ?? "?"} in namespace ${namespaceId}: received ${received}  lost ${lost}  duplicated ${duplicated}  ` +
  `reordered ${reordered}  late ${late}${pieces === 0 ? "" : `  pieces ${pieces}`}`;

/** The first reason always, as it is what happens when all is well; others when they happened. */
const countersText = (counters: Readonly<Record<string, bigint>>): string =>
  Object.entries(counters)
    .filter(([, value], index) => index === 0 || value !== 0n)
    .map(([name, value]) => `${name} ${value}`)
    .join("  ");
