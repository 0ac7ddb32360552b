/** What a network namespace's kernel reports of the traces that it fills in, as something to follow. */
import type { CounterValues } from "../../follow/trace/loss.ts";
import { KernelTraces } from "../../follow/trace/kernel-traces.ts";
import type { NodeNames } from "../../follow/trace/path-object.ts";
import { clockOffset } from "../../linux/clock.ts";
import { currentNetns, openNetns } from "../../linux/netns.ts";
import { sourceOf, type LiveSource } from "./live-source.ts";

export interface KernelSourceOptions {
  /** The caller's own without it. */
  readonly netns: string | undefined;
  readonly names: NodeNames;
  readonly encap: () => CounterValues[];
}

/** From now on. `UnsupportedError` when this kernel sends no events. Close it. */
export const openKernelSource = ({
  netns: reference,
  names,
  encap,
}: KernelSourceOptions): LiveSource & { close(): void } => {
  const netns = reference === undefined ? currentNetns() : openNetns(reference);
  let traces: KernelTraces;
  try {
    traces = new KernelTraces(netns);
  } finally {
    netns.close();
  }
  const source = `the kernel${reference === undefined ? "" : ` of ${reference}`}`;
  const live = sourceOf({
    title: "hopmark trace",
    note: `${source} · Ctrl-C ends`,
    source,
    transit: null,
    names,
    reader: traces,
    ifindex: 0,
    linkHeaderBytes: 0,
    start: () => {
      traces.poll(() => {});
      return traces.counts();
    },
    counted: () => ({ encap: encap(), transit: [], sink: traces.counts() }),
    taiOffset: () => clockOffset("realtime", "tai").offsetNs,
  });
  return { ...live, close: () => traces.close() };
};
