/** What is set up, as the line that makes it again. */
import type { IoamStatus, NumberedPackets, StoredRule } from "../../mark/ioam/control.ts";
import { chosenWords, encapWords } from "../../mark/ioam/encap/words.ts";
import type { Style } from "../framework/style.ts";

/** The line that would make it again, and what it counted. */
export const statusText = (status: IoamStatus, style: Style): string =>
  [
    style("bold", ioamGrammar(status)),
    countersText(status.counters),
    ...(status.kind === "encap" ? tunnelNote(status.rule) : []),
    ...(status.kind === "sink" ? (status.edgeToEdge ?? []).map(numberedText) : []),
  ].join("\n    ");

/** Path MTU discovery knows the outer packets' first link alone: what routers behind say of them reaches no one who could act on it. */
const tunnelNote = ({ tunnel }: StoredRule): string[] =>
  tunnel === null
    ? []
    : [
        `outer packets of up to ${tunnel.mtu} bytes go to ${tunnel.destination}; a narrower link behind the first is not learned: hopmark ioam doctor finds one`,
      ];

/** As `ioam … add` takes it, without `add`: `sink dev eth0`. */
export const ioamGrammar = (status: IoamStatus): string => {
  if (status.kind === "transit") return `transit dev ${status.device}${xdpText(status.xdp)}`;
  if (status.kind === "export") return `export dev ${status.device}`;
  if (status.kind === "sink")
    return `sink dev ${status.device}${status.options.keep ? " keep" : ""}${status.options.e2e ? " e2e" : ""}`;
  return `encap ${encapWords(status.rule, status.device)}${chosenWords(status.rule)}`;
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
