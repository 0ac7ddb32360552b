/** Where a program goes, by its type. A new type of program has a line in `Hooks` and one in `opening`. */
import { HopmarkError } from "../../errors.ts";
import type { ProgramType } from "../../kernel/program.ts";
import { openNetns, type Netns } from "../../linux/netns.ts";
import { interfaceIndex } from "../../linux/rtnetlink/interface-index.ts";
import { findLink, links } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import type { LoadedProgram } from "../loaded-program.ts";
import type { Attachment, Device } from "./attachment.ts";
import type { IteratorAttachOptions, KernelIterator } from "./iterator.ts";
import type { Direction } from "./order.ts";
import type { TcAttachOptions } from "./tc.ts";
import type { TracepointAttachment } from "./tracing.ts";
import type { XdpAttachOptions } from "./xdp.ts";

/** A network interface, by its name. */
export interface DevicePlace {
  /** The interface's name: `eth0`. */
  readonly device: string;
  /** The network namespace it is in, by name, path or process id, or open; the calling thread's when not given. */
  readonly netns?: string | number | Netns;
}

/** A cgroup. */
export interface CgroupPlace {
  /** A directory of the cgroup2 file system; its root when not given. */
  readonly cgroup?: string;
}

/** The place is in the program itself. */
export type NoPlace = Readonly<Record<never, never>>;

/** Where programs of each type go, and what holds them there. `direction` is `ingress` when not given. */
export interface Hooks {
  readonly xdp: { readonly place: DevicePlace & XdpAttachOptions; readonly attachment: Attachment };
  readonly tc: { readonly place: DevicePlace & Partial<TcAttachOptions>; readonly attachment: Attachment };
  readonly cgroupSkb: {
    readonly place: CgroupPlace & { readonly direction?: Direction };
    readonly attachment: Attachment;
  };
  readonly sockOps: { readonly place: CgroupPlace; readonly attachment: Attachment };
  readonly tracepoint: { readonly place: NoPlace; readonly attachment: TracepointAttachment };
  readonly rawTracepoint: { readonly place: NoPlace; readonly attachment: TracepointAttachment };
  readonly iterator: { readonly place: IteratorAttachOptions; readonly attachment: KernelIterator };
}

/** Where programs of a type go. */
export type PlaceOf<T extends ProgramType> = Hooks[T]["place"];

/** What holds a program of a type where it went. */
export type AttachmentOf<T extends ProgramType> = Hooks[T]["attachment"];

/** A place that was found. */
export interface OpenPlace<A> {
  /** Attaches a program there. Throws as the program's own `attach…` does. */
  attach(program: LoadedProgram): A;
  /** When what is attached there has ended. Twice is fine. */
  close(): void;
}

/** Finds the place of a program. HopmarkError `no-device`, `no-netns`. */
export const openPlace = <T extends ProgramType>(type: T, place: PlaceOf<T>): OpenPlace<AttachmentOf<T>> => {
  const open: (own: PlaceOf<T>) => OpenPlace<AttachmentOf<T>> = opening[type];
  return open(place);
};

/** Found when it is attached. */
const anywhere = <A>(attach: (program: LoadedProgram) => A): OpenPlace<A> => ({ attach, close: () => {} });

const opening: { readonly [T in ProgramType]: (place: PlaceOf<T>) => OpenPlace<AttachmentOf<T>> } = {
  xdp: (place) => atDevice(place, (program, device) => program.attachXdp(device, place)),
  tc: (place) =>
    atDevice(place, (program, device) =>
      program.attachTc(device, { ...place, direction: place.direction ?? "ingress" }),
    ),
  cgroupSkb: ({ cgroup, direction }) => anywhere((program) => program.attachCgroup(cgroup, direction)),
  sockOps: ({ cgroup }) => anywhere((program) => program.attachCgroup(cgroup)),
  tracepoint: () => anywhere((program) => program.attachTracepoint()),
  rawTracepoint: () => anywhere((program) => program.attachTracepoint()),
  iterator: (place) => anywhere((program) => program.attachIterator(place)),
};

const atDevice = (
  { device: name, netns }: DevicePlace,
  attach: (program: LoadedProgram, device: Device) => Attachment,
): OpenPlace<Attachment> => {
  const opened = typeof netns === "object" || netns === undefined ? undefined : openNetns(netns);
  const inside = typeof netns === "object" ? netns : opened;
  try {
    const device = { ifindex: interfaceNumber(name, inside), name, netns: inside };
    return { attach: (program) => attach(program, device), close: () => opened?.close() };
  } catch (error) {
    opened?.close();
    throw error;
  }
};

const interfaceNumber = (name: string, netns: Netns | undefined): number => {
  const index = interfaceIndex(name, netns);
  if (index !== undefined) return index;
  const route = openRtnetlink(netns);
  try {
    const found = findLink(route, name);
    if (found !== undefined) return found.index;
    const names = links(route).map((link) => link.name);
    const where = netns === undefined ? "here" : `in network namespace ${netns.label}`;
    throw new HopmarkError("no-device", `there is no interface ${name} ${where}`, {
      hint: `there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}, as ip link shows; one elsewhere needs its netns`,
    });
  } finally {
    route.close();
  }
};
