import { rmSync } from "node:fs";
import { HopmarkError } from "../../errors.ts";
import { Attributes } from "../sys/attributes.ts";
import { bpf, bpfError, tryBpf } from "../sys/bpf.ts";
import { AttachType, LinkType } from "../sys/constants.ts";
import { Descriptor } from "../sys/descriptor.ts";
import { type LinkInfo, linkInfo } from "../sys/info.ts";
import { pinObject } from "../pin/object.ts";
import type { Attachable, Attachment } from "./attachment.ts";

/** A `bpf_link`: the kernel ends it when its last descriptor and its last pin are gone. */
export class KernelLink implements Attachment {
  readonly hook: Attachment["hook"];
  readonly mechanism: LinkKind["mechanism"];
  readonly #descriptor: Descriptor;

  #pin: string | undefined;

  /** Takes the descriptor over. `pin`: where it was opened from. `kind`: who has just made it knows. */
  constructor(fd: number, pin?: string, kind?: LinkKind) {
    this.#pin = pin;
    this.#descriptor = new Descriptor(fd);
    try {
      ({ hook: this.hook, mechanism: this.mechanism } = kind ?? kindOf(linkInfo(fd)));
    } catch (error) {
      this.#descriptor.close();
      throw error;
    }
  }

  /** Of the link, open until it is closed. */
  get fd(): number {
    return this.#descriptor.fd;
  }

  /** The kernel's, unique among links: what bpftool names it by. */
  get id(): number {
    return linkInfo(this.fd).id;
  }

  get ifindex(): number {
    return linkInfo(this.fd).ifindex;
  }

  get programId(): number {
    return linkInfo(this.fd).programId;
  }

  get isGone(): boolean {
    if (this.mechanism === "tracepoint") return false;
    const { ifindex, cgroupId } = linkInfo(this.fd);
    return ifindex === 0 && cgroupId === 0n;
  }

  replace(program: Attachable): void {
    bpf("LINK_UPDATE", new Attributes().u32(0, this.fd).u32(4, program.fd), `program ${program.name}`);
  }

  detach(): void {
    if (this.#descriptor.closed) return;
    const result = tryBpf("LINK_DETACH", new Attributes().u32(0, this.fd));
    // ENOLINK: the device went before. EOPNOTSUPP: of a tracepoint, which ends with its last descriptor and pin only
    const isOver = result === -ENOLINK || (this.mechanism === "tracepoint" && result === -EOPNOTSUPP);
    if (result < 0 && !isOver) throw bpfError("LINK_DETACH", result, "link");
    this.unpin();
    this.close();
  }

  pin(path: string): void {
    pinObject(this.fd, path);
    this.#pin = path;
  }

  unpin(): void {
    if (this.#pin !== undefined) rmSync(this.#pin, { force: true });
    this.#pin = undefined;
  }

  close(): void {
    this.#descriptor.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const ENOLINK = 67;
const EOPNOTSUPP = 95;

export interface LinkKind {
  readonly mechanism: Exclude<Attachment["mechanism"], "clsact">;
  readonly hook: Attachment["hook"];
}

const XDP: LinkKind = { mechanism: "xdp", hook: "xdp" };
const TRACEPOINT: LinkKind = { mechanism: "tracepoint", hook: "tracepoint" };

const kinds: Readonly<Record<number, (attachType: number) => LinkKind | undefined>> = {
  [LinkType.RAW_TRACEPOINT]: () => TRACEPOINT,
  [LinkType.XDP]: () => XDP,
  [LinkType.TCX]: (type) => ({ mechanism: "tcx", hook: type === AttachType.TCX_INGRESS ? "ingress" : "egress" }),
  [LinkType.CGROUP]: (type) => {
    const hook = cgroupHooks[type];
    return hook === undefined ? undefined : { mechanism: "cgroup", hook };
  },
};

const cgroupHooks: Readonly<Record<number, LinkKind["hook"]>> = {
  [AttachType.CGROUP_INET_INGRESS]: "ingress",
  [AttachType.CGROUP_INET_EGRESS]: "egress",
  [AttachType.CGROUP_SOCK_OPS]: "sock_ops",
};

const kindOf = ({ id, type, attachType }: LinkInfo): LinkKind => {
  const kind = kinds[type]?.(attachType);
  if (kind !== undefined) return kind;
  throw new HopmarkError(
    "link-type",
    `link ${id} is of type ${type}, attach type ${attachType}: none that Hopmark makes`,
  );
};
