/** The lab of `hopmark demo pval`: pval0 on the left marks, the right takes marks off. */
import { labDown, labUp, openNode, pair } from "../../lab/index.ts";
import { setOffloads } from "../../linux/ethtool.ts";
import { readNetCounters } from "../../linux/net-counters.ts";
import type { Netns } from "../../linux/netns.ts";
import { processIdentity } from "../../linux/process-identity.ts";
import { addAddress, deleteAddress } from "../../linux/rtnetlink/addresses.ts";
import { linkByName, setLink } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { waitUsable } from "../../linux/rtnetlink/usable.ts";
import { addPval, deletePval, showDevices } from "../../mark/pval/control.ts";
import type { Progress } from "../progress.ts";
import type { Undo } from "../undo.ts";

export const ADDRESSES = { left: "10.0.0.1", right: "10.0.0.2" } as const;
export const DEVICES = { left: "pval0", right: "h_right" } as const;
export const sides = ["left", "right"] as const;
type Side = (typeof sides)[number];

/** What became of packets of IPv4. */
export interface MarkCounts {
  /** That left by pval0. */
  readonly packets: number;
  readonly marked: number;
  readonly stripped: number;
}

export interface PvalLab {
  readonly netns: Readonly<Record<Side, Netns>>;
  /** So far. */
  counts(): MarkCounts;
  /** One of the kernel's counters (`TcpInCsumErrors`), of both nodes together. */
  kernelCount(name: string): number;
}

/** Builds it; `undo` then knows how to take everything down again, also after half of it. */
export const buildPvalLab = async (undo: Undo, progress: Progress): Promise<PvalLab> => {
  const name = `pair-${process.pid}`;
  await progress.step(`building the lab ${name}`);
  undo.add(() => void labDown(name));
  const owner = processIdentity();
  labUp(pair(), name, owner === undefined ? {} : { owner });
  const reference = (side: Side): string => `${name}-${side}`;
  const netns = { left: openNode(name, "left"), right: openNode(name, "right") };
  for (const side of sides) undo.add(() => netns[side].close());
  for (const side of sides) leaveWorkToLink(netns[side], `h_${side}`);

  await progress.step(`attaching pval on the right`);
  addPval({ link: DEVICES.right, options: { strip: true }, inPlace: true }, reference("right"));
  undo.add(() => deletePval(DEVICES.right, reference("right")));
  await progress.step(`attaching pval on the left`);
  addPval({ link: "h_left", options: { ipopt: true }, inPlace: false }, reference("left"));
  undo.add(() => deletePval(DEVICES.left, reference("left")));
  moveAddress(netns.left);

  const statisticsOf = (side: Side) => {
    const device = showDevices(reference(side)).find((own) => own.name === DEVICES[side]);
    return device?.statistics;
  };
  return {
    netns,
    counts: () => {
      const { notIpv4: _, ...ofIpv4 } = statisticsOf("left")?.marks ?? {};
      const packets = Object.values(ofIpv4).reduce((sum, value) => sum + Number(value), 0);
      const stripped = Number(statisticsOf("right")?.strips?.["stripped"] ?? 0n);
      return { packets, marked: Number(ofIpv4["marked"] ?? 0n), stripped };
    },
    kernelCount: (counter) => sides.reduce((sum, side) => sum + (readNetCounters(netns[side]).get(counter) ?? NaN), 0),
  };
};

/** Segmentation and checksums, as with most interfaces. */
const leaveWorkToLink = (netns: Netns, device: string): void => {
  const route = openRtnetlink(netns);
  try {
    setOffloads(route, device, { tx: true, tso: true, gso: true });
  } finally {
    route.close();
  }
};

/** From h_left to pval0. */
const moveAddress = (netns: Netns): void => {
  const route = openRtnetlink(netns);
  const prefix = `${ADDRESSES.left}/24`;
  try {
    deleteAddress(route, linkByName(route, "h_left").index, prefix);
    const { index } = linkByName(route, DEVICES.left);
    setLink(route, index, { up: true });
    addAddress(route, index, prefix);
    waitUsable(route, DEVICES.left, []);
  } finally {
    route.close();
  }
};
