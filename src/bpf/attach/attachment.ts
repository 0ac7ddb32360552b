/** A program at a hook: of a device, or of a cgroup. */
import type { Netns } from "../../linux/netns.ts";
import { withNetns } from "../../linux/with-netns.ts";

/** Hooks of a device. */
export type Hook = "xdp" | "ingress" | "egress";

/** Hooks of a cgroup: packets that its sockets get or send, and what happens to its TCP connections. */
export type CgroupHook = "ingress" | "egress" | "sock_ops";

/** How the kernel holds an attachment: as a link of one of these types, or as a filter of the clsact qdisc. */
export type Mechanism = "xdp" | "tcx" | "cgroup" | "tracepoint" | "clsact";

/** A device; interface numbers belong to a network namespace: the calling thread's when none is given. */
export interface Device {
  /** The interface's number there. */
  readonly ifindex: number;
  readonly netns?: Netns | undefined;
  /** For messages. */
  readonly name?: string;
}

/** A loaded program, as far as attaching it goes. */
export interface Attachable {
  /** Of the program; it stays the caller's. */
  readonly fd: number;
  readonly name: string;
}

/** Closing an attachment ends it, unless it was pinned. */
export interface Attachment {
  readonly hook: Hook | CgroupHook | "tracepoint";
  readonly mechanism: Mechanism;
  /** 0 when the device is gone, or where there never was one. */
  readonly ifindex: number;
  /** It does nothing any more: its device or cgroup has gone, or somebody else has detached it. Asks the kernel each time. */
  readonly isGone: boolean;
  /** Kernel's id of the program that is attached now. */
  readonly programId: number;
  /** Puts another program in its place while packets flow: each packet sees the one or the other. Not at tracepoints. */
  replace(program: Attachable): void;
  /** Ends it now, pinned or not; at a tracepoint, when whoever else holds it lets go. Twice is fine. */
  detach(): void;
  /** Keeps it beyond this process, under a path in bpffs. */
  pin(path: string): void;
  /** Takes the name away again: from now on closing ends it, though the kernel may take a moment; `detach` does not. */
  unpin(): void;
  /** Lets go of it: it ends unless it was pinned. Twice is fine. */
  close(): void;
  [Symbol.dispose](): void;
}

export const describe = (device: Device): string =>
  device.name === undefined ? `interface ${device.ifindex}` : `${device.name} (interface ${device.ifindex})`;

export const inNamespaceOf = (device: Device, run: () => number): number =>
  device.netns === undefined ? run() : withNetns(device.netns, run);

/** Pins a link that was just made; one that cannot be pinned ends. */
export const pinOrDetach = (link: Attachment, path: string): void => {
  try {
    link.pin(path);
  } catch (error) {
    link.detach();
    throw error;
  }
};
