/** A rule as the words that make it. */
import { formatTraceType } from "../trace-type.ts";
import type { StoredRule } from "./note.ts";

/** As `ioam encap add` takes it: `db02::/64 dev eth0 trace prealloc type 0xfe0000 ns 123 size 84`. */
export const encapWords = (rule: StoredRule, device: string): string => {
  const {
    prefix,
    traceType,
    namespaceId,
    frequency,
    mode,
    tunsrc,
    tunnel,
    trace = "prealloc",
    size,
    e2e,
    flowId,
  } = rule;
  return [
    `${prefix} dev ${device}`,
    ...(frequency.of === 1 ? [] : [`freq ${frequency.packets}/${frequency.of}`]),
    ...(tunnel === null
      ? []
      : [`mode ${mode}`, ...(tunsrc === undefined ? [] : [`tunsrc ${tunsrc}`]), `tundst ${tunnel.destination}`]),
    `trace ${trace} type ${formatTraceType(traceType)} ns ${namespaceId}`,
    ...(trace === "dex"
      ? flowId === undefined
        ? []
        : [`flow ${flowId}`]
      : [`size ${size}`, ...(e2e === true ? ["e2e"] : [])]),
  ].join(" ");
};

/** What nobody asked for and was chosen, in brackets: a flow id that was drawn, the tunnel's source. */
export const chosenWords = ({ trace, flowId, dexFlowId, tunnel, tunsrc }: StoredRule): string =>
  [
    ...(trace === "dex" && flowId === undefined ? [` (flow ${dexFlowId})`] : []),
    ...(tunnel !== null && tunsrc === undefined ? [` (tunsrc ${tunnel.source})`] : []),
  ].join("");
