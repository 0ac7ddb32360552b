/** What `hopmark trace` reads: the sinks of a namespace, and the exporters there and elsewhere. */
import { ConfigError } from "../../errors.ts";
import { currentNetns, openNetns } from "../../linux/netns.ts";
import { showIoam } from "../../mark/ioam/control.ts";
import type { ExportingNode } from "./local-export-nodes.ts";

export interface NodeOptions {
  readonly netns: string | undefined;
  /** An interface of that namespace; all that are a sink or export without it. */
  readonly device: string | undefined;
  /** The encapsulating node's namespace. */
  readonly encap: string | undefined;
  /** Other namespaces whose nodes report. */
  readonly nodes: readonly string[] | undefined;
}

export interface ChosenNodes {
  /** In `netns`. */
  readonly sinks: readonly string[];
  readonly exporting: readonly ExportingNode[];
}

/** ConfigError when there is nothing to read, or a node named in `nodes` reports nothing. */
export const chooseNodes = ({ netns, device, encap, nodes = [] }: NodeOptions): ChosenNodes => {
  const own = devicesIn(netns);
  const wanted = (devices: readonly string[]): string[] =>
    devices.filter((name) => device === undefined || name === device);
  const exporting: ExportingNode[] = [];
  const seen = new Set<number>();
  const add = (reference: string | undefined, devices: readonly string[]): void => {
    const inode = inodeOf(reference);
    if (devices.length > 0 && !seen.has(inode)) exporting.push({ netns: reference, devices });
    seen.add(inode);
  };
  add(netns, wanted(own.exporting));
  for (const node of nodes) {
    const { exporting: devices } = devicesIn(node);
    if (devices.length === 0)
      throw new ConfigError(`nothing exports in ${node}`, {
        hint: `let it: hopmark ioam export add dev DEVICE --netns ${node}`,
      });
    add(node, devices);
  }
  const sinks = wanted(own.sinks);
  // The encapsulating node's own report, where anything else is joined to it.
  if (encap !== undefined && exporting.length > 0) add(encap, devicesIn(encap).exporting);
  if (sinks.length + exporting.length > 0) return { sinks, exporting };
  // The sink says best what is wrong with the device.
  if (device !== undefined) return { sinks: [device], exporting };
  throw new ConfigError(`there is no sink ${netns === undefined ? "here" : `in ${netns}`}, and nothing exports`, {
    hint: "add one: hopmark ioam sink add dev DEVICE; or name its namespace with --netns",
  });
};

const devicesIn = (netns: string | undefined): { sinks: string[]; exporting: string[] } => {
  const all = showIoam(netns);
  const of = (kind: string): string[] => all.filter((one) => one.kind === kind).map(({ device }) => device);
  return { sinks: of("sink"), exporting: of("export") };
};

const inodeOf = (reference: string | undefined): number => {
  const netns = reference === undefined ? currentNetns() : openNetns(reference);
  netns.close();
  return netns.inode;
};
