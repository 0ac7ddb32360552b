/**
 * Adding, changing and deleting pval devices, in steps that each leave traffic as it was or as it is to be. What is needed to
 * undo a step is noted before it is taken: whatever dies on the way, the next command mends.
 */
import { possibleCpus } from "../../bpf/maps/possible-cpus.ts";
import { removeLeftovers } from "../../bpf/pin/registry.ts";
import { ConfigError, HopmarkError } from "../../errors.ts";
import { withNetnsLock } from "../../linux/netns-lock.ts";
import type { NetlinkSocket } from "../../linux/netlink/socket.ts";
import type { Netns } from "../../linux/netns.ts";
import { deleteLink, findLink, linkByIndex, linkByName, setLink, type Link } from "../../linux/rtnetlink/links.ts";
import { waitForBacklogs } from "../../linux/packet-backlogs.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { ethernetHeaderBytes, openNamespace } from "../ioam/device.ts";
import { findDevices, withHalf, type FoundDevice } from "./find.ts";
import { applyHalf, noteHalf, type Sizes } from "./halves.ts";
import { MAX_CPUS } from "./mark-counters.ts";
import { endCutting, removeOrphans, startCutting } from "./cutter.ts";
import { beforeMarking, cuttingOf, isMarked, markedMtu, setForMarking, undoMarking, unmarked } from "./marking.ts";
import { nothingBefore, type Before, type PvalNote } from "./note.ts";
import { refuseOtherVersion } from "./other-version.ts";
import { defaultOptions, type PvalOptions } from "./options.ts";
import { checkDeviceName, createPair, widenFarEnd } from "./pair.ts";
import { refuseWithoutHandover } from "./handover-support.ts";
import { beforeStamping, startStamping, stopStamping } from "./stamping.ts";
import { destinationsWithoutRoom } from "./route-room.ts";
import { ringBytesFor } from "./ring-size.ts";

/** A network namespace that is worked on by nobody else. */
export interface Place {
  readonly netns: Netns;
  readonly route: NetlinkSocket;
}

/** `reference`: NAME, PATH or PID; the caller's own without one. */
export const withPlace = <R>(reference: string | undefined, run: (place: Place) => R): R => {
  const netns = openNamespace(reference);
  try {
    const route = openRtnetlink(netns);
    try {
      return withNetnsLock(netns, () => {
        // Pins without a note: their maker died before it had told what they are.
        removeLeftovers(netns.inode);
        removeOrphans(netns, route);
        return run({ netns, route });
      });
    } finally {
      route.close();
    }
  } finally {
    netns.close();
  }
};

export interface AddRequest {
  /** `pval0`, `pval1` … when none is given. */
  readonly name?: string | undefined;
  /** The device below. */
  readonly link: string;
  readonly options: Partial<PvalOptions>;
  /** Without a device of its own: `link` itself does it. */
  readonly inPlace: boolean;
}

/** What came of it, for people. */
export interface PvalReport {
  readonly name: string;
  readonly note: PvalNote;
  readonly remarks: readonly string[];
}

/** Makes a device, or finishes one whose maker died. ConfigError, NetlinkError; then nothing has changed. */
export const addDevice = (place: Place, request: AddRequest): PvalReport => {
  const { netns, route } = place;
  const below = lowerLink(route, request.link);
  const found = findDevices(netns, route);
  const name = request.inPlace ? below.name : (request.name ?? unfinishedOn(below, found) ?? freeName(route, found));
  const options = { ...defaultOptions, ...request.options };
  refuse(place, { ...request, options, name }, below, found);
  const half = found.find((device) => device.name === name);
  if (half !== undefined) removeDevice(place, half);
  // As it is without what a dead command had changed.
  const lower = linkByIndex(route, below.index);
  const start = request.inPlace ? noteInPlace(lower) : undefined;
  let made: PvalNote | undefined = start;
  try {
    if (!request.inPlace) {
      const { upper, far } = createPair(route, netns, name, lower);
      made = newNote(upper, far, lower);
    }
    if (made === undefined) throw new Error("unreachable: in place or not");
    return bringTo(place, made, options, name);
  } catch (error) {
    undoAdd(place, name, request.inPlace);
    throw error;
  }
};

const newNote = (upper: Link, far: Link, lower: Link): PvalNote => ({
  ...noteInPlace(lower),
  upper: { name: upper.name, index: upper.index },
  far: { name: far.name, index: far.index },
  before: { ...nothingBefore, promiscuous: lower.promiscuous },
});

const noteInPlace = ({ name, index }: Link): PvalNote => ({
  upper: { name, index },
  far: null,
  lower: { name, index },
  options: defaultOptions,
  before: nothingBefore,
  pending: false,
  ringBytes: ringBytesFor(possibleCpus()),
  rings: { rx: false, tx: false },
});

const undoAdd = (place: Place, name: string, inPlace: boolean): void => {
  removeLeftovers(place.netns.inode);
  const device = findDevices(place.netns, place.route).find((own) => own.name === name);
  if (device !== undefined && (inPlace || device.note?.far !== null)) removeDevice(place, device);
};

const lowerLink = (route: NetlinkSocket, name: string): Link => {
  const link = findLink(route, name);
  if (link !== undefined) return link;
  throw new HopmarkError("ENODEV", `there is no interface ${name} to put a pval device on`, {
    hint: "check its name, or say in which network namespace it is: --netns NAME",
  });
};

const MAX_NUMBER = 999;

/** The device that a dead command was making there: the same command finishes it. */
const unfinishedOn = ({ index }: Link, found: readonly FoundDevice[]): string | undefined =>
  found.find(({ isWhole, note }) => !isWhole && note !== undefined && note.far !== null && note.lower.index === index)
    ?.name;

/** Also that of a pair whose maker died before it noted what the pair was for. */
const freeName = (route: NetlinkSocket, found: readonly FoundDevice[]): string => {
  for (let number = 0; number <= MAX_NUMBER; number++) {
    const name = `pval${number}`;
    if (findLink(route, name) === undefined) return name;
    if (found.some((own) => own.name === name && own.note === undefined)) return name;
  }
  throw new ConfigError(`pval0 to pval${MAX_NUMBER} are all taken`, { hint: "give the device a name" });
};

interface WantedDevice extends AddRequest {
  readonly name: string;
  readonly options: PvalOptions;
}

/** Before anything changes. */
const refuse = ({ route }: Place, wanted: WantedDevice, lower: Link, found: readonly FoundDevice[]): void => {
  const { name, inPlace, options } = wanted;
  refuseOptions(options);
  const above = found.find((device) => device.note !== undefined && device.note.lower.index === lower.index);
  const isUnfinished = above !== undefined && !above.isWhole && above.name === name;
  if (above !== undefined && !isUnfinished) {
    throw new HopmarkError("busy", `${lower.name} is busy: ${above.name} is on it`, {
      hint: `change that one with \`hopmark link set dev ${above.name} type pval …\`, or delete it first: hopmark link del ${above.name}`,
    });
  }
  const own = found.find((device) => device.far?.index === lower.index);
  if (own !== undefined) {
    throw new HopmarkError("busy", `${lower.name} is busy: it is the far end of ${own.name}`, {
      hint: `change that one with \`hopmark link set dev ${own.name} type pval …\``,
    });
  }
  if (inPlace) return;
  checkDeviceName(name);
  if (lower.master !== undefined) {
    throw new HopmarkError("busy", `${lower.name} is busy: it belongs to ${linkByIndex(route, lower.master).name}`, {
      hint: "put the pval device on that one, or use --in-place",
    });
  }
  if (ethernetHeaderBytes(lower) === 0 || lower.name === "lo") {
    throw new ConfigError(`${lower.name} is no Ethernet device`, {
      hint: "use --in-place, which takes any interface",
    });
  }
  const taken = findLink(route, name);
  const isPiece = found.some((device) => device.name === name && !device.isWhole);
  if (taken !== undefined && !isPiece) {
    throw new HopmarkError("exists", `there is an interface ${name} already`, {
      hint: "choose another name, or none: then it is the first free one of pval0, pval1, …",
    });
  }
};

const refuseOptions = ({ ipopt = false, txtstamp = false }: Partial<PvalOptions>): void => {
  if (txtstamp) refuseWithoutHandover();
  const cpus = possibleCpus();
  if (!ipopt || cpus <= MAX_CPUS) return;
  throw new ConfigError(`ipopt: this machine may have ${cpus} CPUs, and a mark can name ${MAX_CPUS}`, {
    hint: "leave ipopt off here",
  });
};

/** Brings a device to these options, from whatever it is now. */
const bringTo = (place: Place, note: PvalNote, options: PvalOptions, name: string): PvalReport => {
  const { netns, route } = place;
  const isMarking = options.ipopt;
  const lower = linkByIndex(route, note.lower.index);
  const upper = linkByIndex(route, note.upper.index);
  const wasMarking = isMarked(note.before);
  const cutting = cuttingOf(note, lower);
  const stamps = note.before.stamps ?? (options.rxtstamp ? beforeStamping(route, lower.name) : null);
  const noted: Before = { ...note.before, stamps };
  const before = isMarking ? beforeMarking(route, upper, cutting, noted) : noted;
  const rings = { rx: note.rings.rx || options.rxcopy, tx: note.rings.tx || options.txcopy };
  // Others may rule the NIC's stamps once they are put back.
  const kept: Before = { ...before, stamps: options.rxtstamp ? stamps : null };
  const target: PvalNote = { ...note, options, before: kept, rings, pending: false };
  const lowerMtu = note.far === null ? (before.mtu ?? lower.mtu) : lower.mtu;
  const isLower = isMarking && cutting === "device";
  const unmarkedMtu = Math.max(upper.mtu, before.mtu ?? 0);
  const mtu = isLower ? markedMtu(upper.mtu, lowerMtu) : Math.min(unmarkedMtu, note.far === null ? Infinity : lowerMtu);
  const network = ethernetHeaderBytes(lower);
  const sizes = (upperMtu: number): Sizes => ({ network, lowerMtu, upperMtu });
  // What is received is measured by the smaller of the two MTUs while they change.
  const least = sizes(Math.min(mtu, upper.mtu));
  // Noted by the half that is there first, before anything is changed: what follows can be finished, or undone.
  applyHalf(
    netns,
    { ...target, options: { ...options, ipopt: isMarking && note.options.ipopt }, before, pending: true },
    "tx",
    least,
  );
  if (note.far !== null) {
    setLink(route, note.lower.index, { promiscuous: true });
    widenFarEnd(route, note.far);
  }
  if (!options.rxtstamp) stopStamping(route, lower.name, stamps);
  const stamping = options.rxtstamp ? startStamping(route, lower.name, stamps) : [];
  if (isMarking) {
    applyHalf(netns, target, "rx", least);
    setForMarking(route, upper, { mtu, cutting, before });
    if (cutting === "cutter") startCutting(netns, route, lower);
    applyHalf(netns, target, "tx", sizes(mtu));
  } else {
    if (cutting === "cutter") endCutting(netns, route, note.lower);
    if (wasMarking) undoMarking(route, upper, { ...before, mtu: before.mtu === null ? null : mtu });
    if (mtu < upper.mtu) setLink(route, upper.index, { mtu });
    const done = { ...target, before: unmarked(kept) };
    applyHalf(netns, done, "rx", sizes(mtu));
    noteHalf(netns, done, "tx");
  }
  return { name, note: target, remarks: [...remarksOn(route, target), ...stamping] };
};

const remarksOn = (route: NetlinkSocket, { far, lower, upper, options }: PvalNote): string[] => {
  const below = linkByIndex(route, lower.index);
  return [
    ...(below.up ? [] : [`${below.name} is down: ip link set ${below.name} up`]),
    ...(below.up && !below.carrier ? [`${below.name} has no carrier`] : []),
    ...(options.ipopt && cuttingOf({ far }, below) === "none"
      ? [
          `datagrams that applications leave to the kernel to cut (UDP_SEGMENT) pass unmarked on ${lower.name}`,
          `TCP hands each packet to ${lower.name} alone, at half its speed or less: an interface of its type (ARPHRD ${below.hardwareType}) cannot have them cut`,
        ]
      : []),
    ...(far === null && options.ipopt ? roomText(destinationsWithoutRoom(route, below), lower.name) : []),
    ...(far !== null && !linkByIndex(route, upper.index).up
      ? [`${upper.name} is down: ip link set ${upper.name} up`]
      : []),
  ];
};

const roomText = (destinations: readonly string[], name: string): string[] =>
  destinations.length === 0
    ? []
    : [`full packets pass unmarked by ${name}'s routes that cannot be changed: ${destinations.join(", ")}`];

export interface SetRequest {
  readonly name: string;
  /** The device below, when it is named again: it cannot be changed. */
  readonly link?: string | undefined;
  readonly options: Partial<PvalOptions>;
}

/** Changes options while packets flow. */
export const changeDevice = (place: Place, { name, link, options }: SetRequest): PvalReport => {
  const device = deviceNamed(place, name);
  const { note } = device;
  if (note === undefined || device.upper === undefined || device.lower === undefined) throw unfinished(device);
  if (link !== undefined && linkIndex(place.route, link) !== note.lower.index) {
    throw new ConfigError(`the link of ${name} is ${note.lower.name} and cannot be changed`, {
      hint: `delete it and add it again: hopmark link del ${name}; hopmark link add ${name} type pval link ${link}`,
    });
  }
  refuseOptions(options);
  refuseOtherVersion(place.netns, device);
  return bringTo(place, note, { ...note.options, ...options }, name);
};

const linkIndex = (route: NetlinkSocket, name: string): number => lowerLink(route, name).index;

const unfinished = ({ name, note }: FoundDevice): HopmarkError =>
  new HopmarkError("unfinished", `${name} is not whole: an interface of it is gone, or its maker died`, {
    hint: `hopmark link del ${name}${note === undefined ? "" : `, then hopmark link add ${name} type pval link ${note.lower.name}`}`,
  });

/** ConfigError when there is none. */
export const deviceNamed = ({ netns, route }: Place, name: string): FoundDevice => {
  const found = findDevices(netns, route);
  const device = found.find((own) => own.name === name || own.note?.upper.name === name);
  if (device !== undefined) return device;
  linkByName(route, name);
  throw new ConfigError(`${name} is not a pval device`, {
    hint: found.length === 0 ? "there is none here" : `those here are ${found.map((own) => own.name).join(", ")}`,
  });
};

/** Removes a device, whatever there is of it, and puts back what was changed. */
export const removeDevice = ({ netns, route }: Place, device: FoundDevice): void => {
  const { note, lower, upper, far } = device;
  // The device below first: it has its packets to itself again.
  withHalf(netns, device, "rx", (pins) => pins.remove());
  if (note !== undefined && lower !== undefined && note.before.promiscuous === false)
    setLink(route, lower.index, { promiscuous: false });
  if (note !== undefined && lower !== undefined) stopStamping(route, lower.name, note.before.stamps);
  if (note !== undefined && note.far === null) endCutting(netns, route, note.lower);
  if (note !== undefined && note.far === null && upper !== undefined) undoMarking(route, upper, note.before);
  if (note !== undefined && upper !== undefined && far !== undefined) emptyPair(route, upper);
  withHalf(netns, device, "tx", (pins) => pins.remove());
  if (far !== undefined) deleteLink(route, far.index);
};

const EMPTY_WITHIN_MS = 1000;

/** What came in goes up and what applications have sent goes out, before the pair and its program end; nothing new comes. */
const emptyPair = (route: NetlinkSocket, upper: Link): void => {
  waitForBacklogs(EMPTY_WITHIN_MS);
  setLink(route, upper.index, { up: false });
  waitForBacklogs(EMPTY_WITHIN_MS);
};
