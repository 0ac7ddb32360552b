/** Programs of cgroups: a program attached to one holds for the sockets of its processes and of all groups below it. */
import { closeSync, constants, openSync } from "node:fs";
import { HopmarkError, PermissionError, UnsupportedError } from "../../errors.ts";
import { Errno } from "../../linux/ffi.ts";
import { cgroup2Path, filesystemMagic, Magic } from "../../linux/mounts.ts";
import { Attributes } from "../sys/attributes.ts";
import { bpfError, missingBpfCapabilities, tryBpf } from "../sys/bpf.ts";
import { AttachType } from "../sys/constants.ts";
import type { Attachable, CgroupHook } from "./attachment.ts";
import { KernelLink } from "./link.ts";

const ATTACH_TYPES: Readonly<Record<CgroupHook, number>> = {
  ingress: AttachType.CGROUP_INET_INGRESS,
  egress: AttachType.CGROUP_INET_EGRESS,
  sock_ops: AttachType.CGROUP_SOCK_OPS,
};

/** Attaches a program to a cgroup, given as a directory of the cgroup2 file system; to its root without one. */
export const attachCgroup = (program: Attachable, hook: CgroupHook, path: string = cgroupRoot()): KernelLink => {
  const directory = openCgroup(path);
  try {
    const attributes = new Attributes().u32(0, program.fd).u32(4, directory).u32(8, ATTACH_TYPES[hook]);
    const result = tryBpf("LINK_CREATE", attributes);
    if (result >= 0) return new KernelLink(result);
    throw refusal(program, path, result);
  } finally {
    closeSync(directory);
  }
};

/** Where cgroup2 is mounted. UnsupportedError when it is nowhere. */
export const cgroupRoot = (): string => {
  const root = cgroup2Path();
  if (root !== undefined) return root;
  throw new UnsupportedError("cgroup2", "no cgroup2 file system is mounted", {
    hint: "mount one: mount -t cgroup2 none /sys/fs/cgroup; containers need the host's; under ip netns exec it is hidden: run outside of that",
  });
};

const openCgroup = (path: string): number => {
  const magic = filesystemMagic(path);
  if (magic === undefined) throw noCgroup(path, "there is no such directory");
  if (magic !== Magic.cgroup2) throw noCgroup(path, "it is not under a cgroup2 mount");
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw noCgroup(path, "it is no directory that can be opened", error);
  }
};

const noCgroup = (path: string, why: string, cause?: unknown): HopmarkError => {
  const root = cgroupRoot();
  const hint = `cgroups are the directories under ${root}: cat /proc/self/cgroup says which one a process is in`;
  return new HopmarkError("no-cgroup", `${path} is no cgroup: ${why}`, { hint, cause });
};

const refusal = (program: Attachable, path: string, error: number): HopmarkError => {
  const what = `program ${program.name} on cgroup ${path}`;
  switch (error) {
    case -Errno.EPERM:
      if (missingBpfCapabilities().length > 0) return bpfError("LINK_CREATE", error, what);
      return new PermissionError(
        "CAP_NET_ADMIN",
        `${what} is not permitted: a group above it allows no other programs`,
        {
          hint: "bpftool cgroup tree lists what is attached: one without the flag multi stands in the way",
        },
      );
    case -Errno.E2BIG:
      return new HopmarkError("busy", `64 programs are attached to cgroup ${path}, which is all that fit`);
    case -Errno.EINVAL:
      return new UnsupportedError("cgroup", `this kernel attaches no programs to cgroups (${what}: EINVAL)`, {
        hint: "use a kernel built with CONFIG_CGROUP_BPF",
      });
    default:
      return bpfError("LINK_CREATE", error, what);
  }
};
