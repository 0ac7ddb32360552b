/** What Hopmark does in a network namespace, IOAM and pval devices, as the lines that make it again. */
import type { IoamNamespace, IoamSchema } from "../../linux/genetlink/ioam6.ts";
import { currentNetns, openNetns, type Netns } from "../../linux/netns.ts";
import { links } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { readSysctl } from "../../linux/sysctl.ts";
import { showIoam } from "../../mark/ioam/control.ts";
import { optionsText, showDevices } from "../../mark/pval/control.ts";
import { ioamGrammar } from "../ioam-show/status-text.ts";
import { shellQuoted } from "../framework/rights.ts";
import { readIoam6, schemaAsText } from "../ioam6.ts";

/** In the order in which they can be made: what later ones need comes first. */
export const presentLines = async (reference: string | undefined): Promise<string[]> => {
  const [schemas, namespaces] = await readIoam6(
    reference,
    (kernel) => [kernel.schemas(), kernel.namespaces()] as const,
  );
  const order = ["transit", "export", "sink", "encap"];
  const parts = showIoam(reference).toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return [
    ...pvalLines(reference),
    ...sysctlLines(reference),
    ...schemas.toSorted((a, b) => a.id - b.id).map(schemaLine),
    ...namespaces.toSorted((a, b) => a.id - b.id).map(namespaceLine),
    ...parts.map((part) => addLine(ioamGrammar(part))),
  ];
};

/** First: IOAM may be on such a device. What is not whole is nobody's choice. */
const pvalLines = (reference: string | undefined): string[] =>
  showDevices(reference).flatMap(({ name, link, inPlace, state, options }) => {
    if ((state !== "whole" && state !== "otherVersion") || options === null) return [];
    const what = `type pval link ${link} ${optionsText(options)}`;
    return [inPlace ? `link add ${what} --in-place` : `link add ${name} ${what}`];
  });

/** Less what is said in brackets: how it turned out is no choice of the user's. */
export const addLine = (grammar: string): string =>
  grammar.replace(/^(\S+) /, "ioam $1 add ").replaceAll(/ \([^()]*\)/g, "");

/** Sysctls of the node and of an interface, each with what the kernel sets it to. */
const nodeSysctls = { ioam6_id: "16777215", ioam6_id_wide: "72057594037927935" };
const interfaceSysctls = { ioam6_enabled: "0", ioam6_id: "65535", ioam6_id_wide: "4294967295" };

/** What a line may set. */
export const isIoamSysctl = (key: string): boolean => {
  const [, own, device, name] = /^net\/ipv6\/(?:([^/]+)|conf\/([^/]+)\/([^/]+))$/.exec(key) ?? [];
  if (own !== undefined) return Object.hasOwn(nodeSysctls, own);
  return name !== undefined && device !== "." && device !== ".." && Object.hasOwn(interfaceSysctls, name);
};

const sysctlLines = (reference: string | undefined): string[] => {
  const netns = reference === undefined ? currentNetns() : openNetns(reference);
  const route = openRtnetlink(netns);
  try {
    return [
      ...changed(netns, "net/ipv6", nodeSysctls),
      ...links(route).flatMap(({ name }) => changed(netns, `net/ipv6/conf/${name}`, interfaceSysctls)),
    ];
  } finally {
    route.close();
    netns.close();
  }
};

const changed = (netns: Netns, folder: string, defaults: Readonly<Record<string, string>>): string[] =>
  Object.entries(defaults).flatMap(([name, usual]) => {
    const value = readSysctl(netns, `${folder}/${name}`);
    return value === usual ? [] : [`sysctl ${folder}/${name}=${value}`];
  });

const namespaceLine = ({ id, data, dataWide, schema }: IoamNamespace): string =>
  [
    `ioam namespace add ${id}`,
    ...(data === undefined ? [] : [`data 0x${data.toString(16).padStart(8, "0")}`]),
    ...(dataWide === undefined ? [] : [`wide 0x${dataWide.toString(16).padStart(16, "0")}`]),
    ...(schema === undefined ? [] : [`schema ${schema}`]),
  ].join(" ");

const schemaLine = ({ id, data }: IoamSchema): string => {
  const text = schemaAsText(data);
  return text === undefined
    ? `ioam schema add ${id} ${Buffer.from(data).toString("hex")} --hex`
    : `ioam schema add ${id} ${shellQuoted(text)}`;
};
