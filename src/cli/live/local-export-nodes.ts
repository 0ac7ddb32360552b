/** Nodes of this machine that report: network namespaces, and devices in them. */
import { showIoam } from "../../mark/ioam/control.ts";
import type { ExportNode } from "./export-nodes.ts";
import { openExports } from "./open-exports.ts";

/** A namespace, by NAME, PATH or PID (the caller's own without one), and those of its devices whose reports are read. */
export interface ExportingNode {
  readonly netns: string | undefined;
  readonly devices: readonly string[];
}

/** Opens them, as their only reader. HopmarkError `busy` when one of them is read. */
export const openLocalNodes = (nodes: readonly ExportingNode[]): readonly ExportNode[] => {
  const opened: ExportNode[] = [];
  try {
    for (const { devices, netns } of nodes) {
      const readers = openExports(devices, netns);
      opened.push({ readers, ends: sinksIn(netns), inserts: () => flowsAskedFor(netns) });
    }
  } catch (error) {
    for (const { readers } of opened) readers.close();
    throw error;
  }
  return opened;
};

/** The names of a namespace's sinks: where packets end. */
export const sinksIn = (netns: string | undefined): ReadonlySet<string> =>
  new Set(showIoam(netns).flatMap(({ kind, device }) => (kind === "sink" ? [device] : [])));

/** The flow ids of a namespace's rules that ask for reports. */
export const flowsAskedFor = (netns: string | undefined): readonly number[] =>
  showIoam(netns).flatMap((status) => {
    const flowId = status.kind === "encap" ? status.rule.dexFlowId : undefined;
    return flowId === undefined ? [] : [flowId];
  });
