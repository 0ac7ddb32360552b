/** What is wrong with a planned trace, and what would do instead; for `ioam plan`, and for `ioam encap add` where it can be known. */
import { ioamFields, maxTraceData, traceTypeBit } from "../../../wire/ioam/fields.ts";
import { ipv6MinimumMtu, narrowerType, nodeBytesOf, type TracePlan } from "../../../wire/ioam/plan.ts";
import type { IoamSchema } from "../node.ts";
import { formatTraceType } from "../trace-type.ts";

export interface PlanProblem {
  readonly problem: string;
  readonly remedy: string;
}

/** Empty when every node finds room and what is left of each packet is enough for IPv6. */
export const problemsOf = (plan: TracePlan, schemaWords: number): PlanProblem[] => [
  ...roomProblem(plan, schemaWords),
  ...mtuProblem(plan),
];

const roomProblem = (plan: TracePlan, schemaWords: number): PlanProblem[] => {
  const { hops, nodeBytes, dataBytes, size, roomForHops, mostHops } = plan;
  if (dataBytes <= size) return [];
  const cutOff = `${roomForHops === 0 ? "no node writes" : `only the first ${roomForHops} write`}, and the overflow flag is set`;
  const problem = `${nodesOf(hops, nodeBytes)} ${dataBytes} bytes, more than ${
    roomForHops === mostHops ? `the ${maxTraceData} that fit` : `size ${size}`
  }: ${cutOff}`;
  if (dataBytes <= maxTraceData) return [{ problem, remedy: `ask for size ${dataBytes}` }];
  const narrower = narrowerType(plan.traceType, hops, schemaWords, plan.edgeToEdge);
  if (narrower === null) {
    return [{ problem, remedy: `no type fits: a trace has room for at most ${maxTraceData / 4} nodes` }];
  }
  const needed = nodeBytesOf(narrower, schemaWords) * hops;
  const without = ioamFields
    .filter(({ bit }) => (plan.traceType & ~narrower & traceTypeBit(bit)) !== 0)
    .map(({ layout }) => layout?.name.replace(/^IOAM /, "") ?? "");
  return [
    {
      problem,
      remedy: `ask for type ${formatTraceType(narrower)} size ${needed}: all fields but ${listed(without)}`,
    },
  ];
};

const mtuProblem = ({ mtu, linkMtu, insertedBytes, tunnel, directExport }: TracePlan): PlanProblem[] => {
  if (mtu >= ipv6MinimumMtu) return [];
  const added = insertedBytes + (tunnel?.bytes ?? 0);
  return [
    {
      problem: `${added} bytes more leave packets an MTU of ${mtu}, less than IPv6's minimum of ${ipv6MinimumMtu}`,
      remedy: `raise the MTU of the path's links from ${linkMtu} to ${ipv6MinimumMtu + added} or more${directExport ? "" : ", or ask for fewer fields or a smaller size"}`,
    },
  ];
};

/** What the encapsulating node can tell of a trace's room before it has seen the path: whether it holds its own data, and the next node's. */
export const roomWarnings = (
  { traceType, size }: { readonly traceType: number; readonly size: number },
  schema: IoamSchema | null,
): string[] => {
  const nodeBytes = nodeBytesOf(traceType, schema?.words.length ?? 0);
  const shared = `see hopmark ioam plan --type ${formatTraceType(traceType)} --hops N`;
  if (nodeBytes > size) {
    return [
      `size ${size} has no room for even one node's ${nodeBytes} bytes: traces will leave with the overflow flag; ${shared}`,
    ];
  }
  if (nodeBytes * 2 > size) {
    return [
      `size ${size} has room for this node's ${nodeBytes} bytes alone: the next node will set the overflow flag; ${shared}`,
    ];
  }
  return [];
};

const nodesOf = (count: number, bytes: number): string =>
  count === 1 ? `1 node of ${bytes} bytes takes` : `${count} nodes of ${bytes} bytes take`;

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join("; ")} and ${words.at(-1) ?? ""}`;
