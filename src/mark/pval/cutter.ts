/**
 * The cutter of an interface that marks in place: a veth pair in the same namespace, known by its names, which hold the
 * interface's number. It is made before packets are sent into it, and taken away when it is empty.
 */
import { listPins } from "../../bpf/pin/registry.ts";
import { rcuBarrier } from "../../linux/membarrier.ts";
import type { NetlinkSocket } from "../../linux/netlink/socket.ts";
import type { Netns } from "../../linux/netns.ts";
import { linkStatistics } from "../../linux/rtnetlink/link-statistics.ts";
import {
  createVeth,
  deleteLink,
  findLink,
  linkByName,
  links,
  setLink,
  type Link,
} from "../../linux/rtnetlink/links.ts";
import { applyFeature } from "../feature/apply-feature.ts";
import type { FeatureSetup } from "../feature/feature-setup.ts";
import { findFeature, type FeatureDevice } from "../feature/feature.ts";
import { bringBack, divert } from "./cut.bpf.ts";
import { cutBefore } from "./marking.ts";
import { silence } from "./pair.ts";
import { returnedPackets } from "./returned-packets.ts";

const NEAR = "hm_cut_";
const FAR = "hm_back_";
/** The longest packet that a veth takes: an interface's own MTU is for the interface to keep. */
const MTU = 65_535;
const FEATURE = "pval-cut";

type End = Pick<Link, "name" | "index">;

/** Name of the cutter's near end. */
export const cutterName = (lower: number): string => `${NEAR}${lower}`;
const farName = (lower: number): string => `${FAR}${lower}`;

/** Sends what `lower` is to transmit through a cutter, which is made, or finished, where it is not there yet. */
export const startCutting = (netns: Netns, route: NetlinkSocket, lower: End): void => {
  const [nearName, backName] = [cutterName(lower.index), farName(lower.index)];
  if (findLink(route, nearName) === undefined)
    createVeth(route, { name: nearName, mtu: MTU }, { name: backName, mtu: MTU });
  for (const name of [nearName, backName]) silence(netns, name);
  const [near, far] = [linkByName(route, nearName), linkByName(route, backName)];
  cutBefore(route, nearName);
  apply(
    { netns, link: far },
    { programs: { ingress: bringBack(lower.index) }, maps: { returned: returnedPackets }, options: lower.index },
  );
  // In this order the near end's queue is there as soon as it is up.
  setLink(route, far.index, { up: true });
  setLink(route, near.index, { up: true });
  apply(
    { netns, link: lower },
    {
      programs: { egress: divert({ near: near.index, far: far.index }) },
      order: { egress: "first" },
      maps: {},
      options: [near.index, far.index],
    },
  );
};

/** Unless it is there as it shall be. */
const apply = (device: FeatureDevice, setup: FeatureSetup): void => {
  const existing = findFeature(device, FEATURE);
  const isSame = JSON.stringify(existing?.options) === JSON.stringify(setup.options);
  existing?.close();
  if (!isSame) applyFeature(device, FEATURE, setup);
};

/** Takes the cutter away, or what there is of it; packets that are in it are waited for. */
export const endCutting = (netns: Netns, route: NetlinkSocket, lower: End): void => {
  const diverting = findFeature({ netns, link: lower }, FEATURE);
  const byFilter = diverting?.attachments["egress"]?.mechanism === "clsact";
  diverting?.remove();
  // A link's end waits until no packet is in its program any more; a filter's does not.
  if (byFilter) rcuBarrier();
  const near = findLink(route, cutterName(lower.index));
  const far = findLink(route, farName(lower.index));
  if (far !== undefined) {
    const back = findFeature({ netns, link: far }, FEATURE);
    if (back !== undefined && near !== undefined)
      waitEmpty(route, near, () => back.map("returned", returnedPackets).sum(0)?.value ?? 0n);
    back?.remove();
  }
  if (near !== undefined) deleteLink(route, near.index);
};

const EMPTY_WITHIN_MS = 1000;

/** Until all that went in has come out; what somebody else has stopped is not waited for forever. */
const waitEmpty = (route: NetlinkSocket, near: End, returned: () => bigint): void => {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + EMPTY_WITHIN_MS;
  while (returned() < linkStatistics(route, near.index).transmitted && performance.now() < deadline)
    Atomics.wait(pause, 0, 0, 1);
};

export interface CutterCounts {
  /** The near end. */
  readonly name: string;
  /** Packets of the wire that went through it. */
  readonly passed: bigint;
  /** That found no room on their way. */
  readonly lost: bigint;
}

/** Undefined when it is not there. */
export const cutterCounts = (route: NetlinkSocket, lower: number): CutterCounts | undefined => {
  const near = findLink(route, cutterName(lower));
  if (near === undefined) return undefined;
  const { transmitted, transmitDropped } = linkStatistics(route, near.index);
  return { name: near.name, passed: transmitted, lost: transmitDropped };
};

/** Takes away the cutters of interfaces that are gone. */
export const removeOrphans = (netns: Netns, route: NetlinkSocket): void => {
  const all = links(route);
  for (const { name, kind, index } of all) {
    if (kind !== "veth" || !name.startsWith(NEAR)) continue;
    const isNoted = listPins("pval-tx").some(
      ({ place }) => place.netnsInode === netns.inode && cutterName(place.ifindex) === name,
    );
    if (isNoted) continue;
    const far = all.find((own) => own.name === `${FAR}${name.slice(NEAR.length)}`);
    if (far !== undefined) findFeature({ netns, link: far }, FEATURE)?.remove();
    deleteLink(route, index);
  }
};
