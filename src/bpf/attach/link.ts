import { rmSync } from "node:fs";
import { Attributes } from "../sys/attributes.ts";
import { bpf, bpfError, tryBpf } from "../sys/bpf.ts";
import { AttachType, LinkType } from "../sys/constants.ts";
import { Descriptor } from "../sys/descriptor.ts";
import { type LinkInfo, linkInfo } from "../sys/info.ts";
import { pinObject } from "../pin/object.ts";
import type { Attachable, Attachment, Hook } from "./attachment.ts";

/** A `bpf_link`: the kernel ends it when its last descriptor and its last pin are gone. */
export class KernelLink implements Attachment {
  readonly hook: Hook;
  readonly mechanism: "xdp" | "tcx";
  readonly #descriptor: Descriptor;

  #pin: string | undefined;

  /** Takes the descriptor over. `pin`: where it was opened from. */
  constructor(fd: number, pin?: string) {
    this.#pin = pin;
    this.#descriptor = new Descriptor(fd);
    try {
      const info = linkInfo(fd);
      this.mechanism = info.type === LinkType.TCX ? "tcx" : "xdp";
      this.hook = hookOf(info);
    } catch (error) {
      this.#descriptor.close();
      throw error;
    }
  }

  get fd(): number {
    return this.#descriptor.fd;
  }

  get id(): number {
    return linkInfo(this.fd).id;
  }

  get ifindex(): number {
    return linkInfo(this.fd).ifindex;
  }

  get programId(): number {
    return linkInfo(this.fd).programId;
  }

  replace(program: Attachable): void {
    bpf("LINK_UPDATE", new Attributes().u32(0, this.fd).u32(4, program.fd), `program ${program.name}`);
  }

  detach(): void {
    if (this.#descriptor.closed) return;
    const result = tryBpf("LINK_DETACH", new Attributes().u32(0, this.fd));
    // ENOLINK: the device went before
    if (result < 0 && result !== -ENOLINK) throw bpfError("LINK_DETACH", result, "link");
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

const hookOf = (info: LinkInfo): Hook => {
  if (info.type !== LinkType.TCX) return "xdp";
  return info.attachType === AttachType.TCX_INGRESS ? "ingress" : "egress";
};
