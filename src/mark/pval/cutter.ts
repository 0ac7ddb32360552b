/**
 * The cutter of an interface that marks in place, in the same namespace. A macvlan, above one end of a veth pair that
 * nothing is sent through: it cuts up what is handed to it and hands it on within the same call of the kernel. Where the kernel has no
 * macvlan, a veth pair alone, which has a queue. It is known by its names, which hold the interface's number; it is made before packets are sent into
 * it, and taken away when it is empty.
 */
import { listPins } from "../../bpf/pin/registry.ts";
import { rcuBarrier } from "../../linux/membarrier.ts";
import { NetlinkError, type NetlinkSocket } from "../../linux/netlink/socket.ts";
import type { Netns } from "../../linux/netns.ts";
import { linkStatistics } from "../../linux/rtnetlink/link-statistics.ts";
import {
  createMacvlan,
  createVeth,
  deleteLink,
  findLink,
  linkByName,
  links,
  setLink,
  type Link,
} from "../../linux/rtnetlink/links.ts";
import { ethernetHeaderBytes } from "../ioam/device.ts";
import { applyFeature } from "../feature/apply-feature.ts";
import type { FeatureSetup } from "../feature/feature-setup.ts";
import { findFeature, type FeatureDevice } from "../feature/feature.ts";
import { bringBack, divert } from "./cut.bpf.ts";
import { cutBefore } from "./marking.ts";
import { silence } from "./pair.ts";
import { returnedPackets } from "./returned-packets.ts";

/** Begin the names of what packets go into, of where they come out, and of that one's other end where it has another. */
const [NEAR, BACK, IDLE] = ["hm_cut_", "hm_back_", "hm_idle_"];
/** The longest packet that a veth takes: an interface's own MTU is for the interface to keep. */
const MTU = 65_535;
/** No packet that stands for several is shorter, and the kernel takes no less. */
const LEAST_GSO_BYTES = 512;
const FEATURE = "pval-cut";

type End = Pick<Link, "name" | "index">;

/** Name of the device that packets go into. */
export const cutterName = (lower: number): string => `${NEAR}${lower}`;
const backName = (lower: number): string => `${BACK}${lower}`;

/** Sends what `lower` is to transmit through a cutter, which is made, or finished, where it is not there yet. */
export const startCutting = (netns: Netns, route: NetlinkSocket, lower: Link): void => {
  const { near, back } = ensureCutter(netns, route, lower.index);
  const isDirect = near.kind === "macvlan";
  const bringing = bringBack(lower.index);
  apply(
    { netns, link: back },
    {
      programs: isDirect ? { egress: bringing } : { ingress: bringing },
      maps: { returned: returnedPackets },
      options: [lower.index, isDirect],
    },
  );
  // Last, with the other end up: its queue is then there as soon as it is up.
  setLink(route, near.index, { up: true });
  const cutter = {
    near: near.index,
    far: isDirect ? null : back.index,
    mtu: lower.mtu,
    network: ethernetHeaderBytes(lower),
  };
  apply(
    { netns, link: lower },
    { programs: { egress: divert(cutter) }, order: { egress: "first" }, maps: {}, options: { ...cutter } },
  );
};

/** Up, but for the near end. */
const ensureCutter = (netns: Netns, route: NetlinkSocket, lower: number): { near: Link; back: Link } => {
  const [nearName, idleName] = [cutterName(lower), `${IDLE}${lower}`];
  if (findLink(route, nearName) === undefined && !makeDirect(netns, route, lower, idleName)) {
    const left = findLink(route, backName(lower));
    if (left !== undefined) deleteLink(route, left.index);
    createVeth(route, { name: nearName, mtu: MTU }, { name: backName(lower), mtu: MTU });
  }
  const near = linkByName(route, nearName);
  if (near.kind === "macvlan") setLink(route, near.index, { gsoMaxSegments: 1, gsoMaxBytes: LEAST_GSO_BYTES });
  else cutBefore(route, nearName);
  const back = linkByName(route, backName(lower));
  for (const { name } of [near, back]) silence(netns, name);
  setLink(route, back.index, { up: true });
  return { near, back };
};

/** False where the kernel has no macvlan. */
const makeDirect = (netns: Netns, route: NetlinkSocket, lower: number, idleName: string): boolean => {
  const back = backName(lower);
  if (findLink(route, back) === undefined) createVeth(route, { name: back, mtu: MTU }, { name: idleName, mtu: MTU });
  for (const name of [idleName, back]) {
    silence(netns, name);
    setLink(route, linkByName(route, name).index, { up: true });
  }
  // For tests of the other way.
  if (process.env["HOPMARK_MACVLAN"] === "off") return false;
  try {
    createMacvlan(route, cutterName(lower), linkByName(route, back).index);
    return true;
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === "EOPNOTSUPP") return false;
    throw error;
  }
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
  const back = findLink(route, backName(lower.index));
  if (back === undefined) return;
  const bringing = findFeature({ netns, link: back }, FEATURE);
  if (bringing !== undefined && near !== undefined)
    waitEmpty(route, near, () => bringing.map("returned", returnedPackets).sum(0)?.value ?? 0n);
  bringing?.remove();
  // With the other end of its pair, and what is above it.
  deleteLink(route, back.index);
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
  /** What packets go into. */
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
  for (const back of links(route)) {
    if (back.kind !== "veth" || !back.name.startsWith(BACK)) continue;
    const isNoted = listPins("pval-tx").some(
      ({ place }) => place.netnsInode === netns.inode && backName(place.ifindex) === back.name,
    );
    if (isNoted) continue;
    findFeature({ netns, link: back }, FEATURE)?.remove();
    deleteLink(route, back.index);
  }
};
