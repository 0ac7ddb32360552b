/** The demo's lab: three nodes of its own, with IOAM set up on each. */
import type { Counted, CounterValues } from "../../follow/trace/loss.ts";
import type { NodeNames } from "../../follow/trace/path-object.ts";
import { labDown, labUp, musketeers, namespaceName } from "../../lab/index.ts";
import { openNetns } from "../../linux/netns.ts";
import { processIdentity } from "../../linux/process-identity.ts";
import { linkByName, setLink } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import {
  addEncap,
  addSink,
  addTransit,
  deleteEncap,
  deleteSink,
  deleteTransit,
  showIoam,
  type OpenSink,
} from "../../mark/ioam/control.ts";
import { openSinkAlone } from "../live/open-sink.ts";
import { namesOf } from "../lab-names.ts";
import type { Progress } from "../progress.ts";
import type { Undo } from "../undo.ts";

export type TransitKind = "kernel" | "hopmark";

export interface DemoLab {
  readonly name: string;
  readonly names: NodeNames;
  readonly sink: OpenSink;
  /** The counters of all three nodes. */
  counted(): Counted;
}

const PREFIX = "db02::/64";
const TRACE_TYPE = 0xfe0000;
const NAMESPACE_ID = 123;
/** 28 bytes for each of three nodes. */
const TRACE_BYTES = 84;

/** Builds it; `undo` then knows how to take everything down again, also after half of it. */
export const buildDemoLab = async (transit: TransitKind, undo: Undo, progress: Progress): Promise<DemoLab> => {
  const name = `musketeers-${process.pid}`;
  const at = (node: string, device: string) => ({ device, netns: namespaceName(name, node) });
  const encap = at("athos", "h_athos");
  const transits = transit === "hopmark" ? [at("porthos", "h_porthos_a"), at("porthos", "h_porthos_b")] : [];
  const sinkAt = at("aramis", "h_aramis");
  const topology = musketeers({ kernelIoam: transit === "kernel" ? ["porthos"] : [] });

  await progress.step(`building the lab ${name}`);
  undo.add(() => void labDown(name));
  const owner = processIdentity();
  labUp(topology, name, owner === undefined ? {} : { owner });
  keepPacketsWhole(encap);

  await progress.step("attaching the sink on aramis");
  addSink(sinkAt);
  undo.add(() => deleteSink(sinkAt));
  const sink = openSinkAlone(sinkAt);
  undo.add(() => sink.close());
  for (const one of transits) {
    await progress.step(`attaching transit on ${one.device}`);
    addTransit(one);
    undo.add(() => deleteTransit(one));
  }
  await progress.step("attaching encapsulation on athos");
  addEncap(encap, {
    prefix: PREFIX,
    traceType: TRACE_TYPE,
    namespaceId: NAMESPACE_ID,
    size: TRACE_BYTES,
    frequency: { packets: 1, of: 1 },
  });
  undo.add(() => void deleteEncap(encap));
  return {
    name,
    names: namesOf(topology),
    sink,
    counted: () => ({
      encap: countersOf(encap.netns),
      transit: transits.length === 0 ? [] : countersOf(namespaceName(name, "porthos")),
      sink: sink.counts(),
    }),
  };
};

/** One trace for each packet: TCP is not to hand packets to tc that are cut up afterwards. */
const keepPacketsWhole = ({ device, netns: reference }: { readonly device: string; readonly netns: string }): void => {
  const netns = openNetns(reference);
  const route = openRtnetlink(netns);
  try {
    setLink(route, linkByName(route, device).index, { gsoMaxSegments: 1 });
  } finally {
    route.close();
    netns.close();
  }
};

const countersOf = (netns: string): CounterValues[] => showIoam(netns).map(({ counters }) => counters);
