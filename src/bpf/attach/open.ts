import { readlinkSync } from "node:fs";
import { tryOpenPinned } from "../pin/object.ts";
import { Descriptor } from "../sys/descriptor.ts";
import type { Attachment, Device } from "./attachment.ts";
import { findClsact, mainPin, removeUnfinishedQdisc } from "./clsact.ts";
import { KernelLink } from "./link.ts";

/** The attachment pinned at `path`: a link, or the program of a clsact filter. Undefined when either is gone. */
export const openAttachment = (path: string, device: Device, hook: Attachment["hook"]): Attachment | undefined => {
  const fd = tryOpenPinned(path);
  if (fd === undefined) return undefined;
  if (isLink(fd)) return new KernelLink(fd, path);
  const program = new Descriptor(fd);
  if (hook === "ingress" || hook === "egress") return findClsact(program, device, hook, path);
  program.close();
  return undefined;
};

/**
 * Ends what was attached with this pin by a process that died on the way, now: a link would end some time after its pin went, a filter
 * of a clsact, with its qdisc, not at all. Other pins of it stay.
 */
export const removeUnfinished = (device: Device, pin: string): void => {
  for (const hook of ["ingress", "egress"] as const) openAttachment(mainPin(pin), device, hook)?.detach();
  removeUnfinishedQdisc(device, mainPin(pin));
};

/** The kernel calls it `bpf_link` when it is made and `bpf-link` when it is opened again. */
const isLink = (fd: number): boolean => /bpf[-_]link/.test(readlinkSync(`/proc/self/fd/${fd}`));
