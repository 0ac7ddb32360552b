/** A plan, for people: each node's share, the header as a bar, what is left of a packet, and what to type. */
import { maxTraceData } from "../../wire/ioam/fields.ts";
import { formatTraceType } from "../../mark/ioam/trace-type.ts";
import type { Style } from "../framework/style.ts";
import { wrap } from "../framework/wrap.ts";
import { columns } from "../picture/columns.ts";
import { headerBar } from "../picture/header-bar.ts";
import type { Plan } from "./make-plan.ts";

const WIDEST = 100;

export const planText = (plan: Plan, style: Style, width: number): string => {
  const wide = Math.min(width, WIDEST);
  const paragraph = (text: string, indent = "  "): string[] =>
    wrap(text, wide - indent.length).map((line) => indent + line);
  return [
    style(
      "bold",
      `type ${formatTraceType(plan.traceType)}, ${plan.directExport ? "Direct Export" : nodes(plan.hops)}, ${plan.mode}`,
    ),
    "",
    ...table(
      plan.fields.map(({ bit, name, bytes }) => [`bit ${bit}`, name, String(bytes)]),
      style,
      ["", plan.directExport ? "each node reports" : "each node writes", String(plan.nodeBytes)],
    ),
    "",
    ...table(
      plan.header.map(({ name, bytes }) => ["", name, String(bytes)]),
      style,
      ["", "inserted into each packet", String(plan.insertedBytes)],
    ),
    "",
    ...headerBar(plan, style).map((line) => `  ${line}`),
    "",
    ...columns(figures(plan), [1]).map((line) => `  ${line}`),
    "",
    ...(plan.ok ? advice(plan, paragraph) : problems(plan, style, paragraph)),
  ].join("\n");
};

const table = (rows: readonly (readonly string[])[], style: Style, total: readonly string[]): string[] =>
  columns([...rows, total.map((cell) => style("bold", cell))], [2]).map((line) => `  ${line}`);

const figures = (plan: Plan): string[][] => {
  const tunnel = plan.tunnel === null ? "" : ` - ${plan.tunnel.bytes} of ${plan.tunnel.name} over ${plan.tunnel.outer}`;
  const room = [
    ["size to ask for", String(plan.size), `room for ${nodes(plan.roomForHops)}`],
    ["most nodes", String(plan.mostHops), `of ${plan.nodeBytes} bytes in the ${maxTraceData} that a trace can hold`],
  ];
  return [
    ...(plan.directExport ? [["most nodes", "any", "packets stay as long as they are"]] : room),
    ["MTU", String(plan.mtu), `${plan.linkMtu}${tunnel} - ${plan.insertedBytes} inserted`],
    ["TCP segment", String(plan.tcpMss), "MTU - 40 of IPv6 - 20 of TCP"],
  ];
};

const advice = (plan: Plan, paragraph: (text: string) => string[]): string[] => {
  const added = plan.linkMtu - plan.mtu;
  return [
    ...paragraph(
      `encap add lowers the route's MTU by what it inserts. For packets of ${plan.linkMtu} bytes, give every link behind it an MTU of ${plan.linkMtu + added}.`,
    ),
    `  ${encapCommand(plan)}`,
  ];
};

/** What gives packets the planned trace; its words in capitals are the user's to replace. */
export const encapCommand = ({ traceType, size, mode, edgeToEdge, directExport }: Plan): string =>
  [
    "hopmark ioam encap add PREFIX dev DEVICE",
    ...(mode === "encap" ? ["mode encap tundst ADDRESS"] : []),
    directExport
      ? `trace dex type ${formatTraceType(traceType)} ns ID`
      : `trace prealloc type ${formatTraceType(traceType)} ns ID size ${size}`,
    ...(edgeToEdge ? ["e2e"] : []),
  ].join(" ");

const problems = (plan: Plan, style: Style, paragraph: (text: string, indent?: string) => string[]): string[] =>
  plan.problems.flatMap(({ problem, remedy }) => [
    ...paragraph(problem).map((line) => style("red", line)),
    ...paragraph(`-> ${remedy}`).map((line) => style("cyan", line)),
  ]);

const nodes = (count: number): string => `${count} ${count === 1 ? "node" : "nodes"}`;
