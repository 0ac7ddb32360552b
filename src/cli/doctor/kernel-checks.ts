import { BPFFS_PATH, VMLINUX_BTF_PATH, type KernelFacts } from "../../linux/kernel-facts.ts";
import type { Check } from "./check.ts";

/** What the kernel is, and permits to everyone. */
export const kernelChecks = (facts: KernelFacts): Check[] => [
  { group: "kernel", name: "release", status: "ok", detail: `${facts.release} ${facts.arch}` },
  facts.btf
    ? { group: "kernel", name: "type information", status: "ok", detail: VMLINUX_BTF_PATH }
    : {
        group: "kernel",
        name: "type information",
        status: "warn",
        detail: `${VMLINUX_BTF_PATH} is not there: queue depths cannot be read, tracing programs not loaded`,
        remedy: "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as distributions' kernels are",
      },
  jitCheck(facts.jit),
  lockdownCheck(facts.lockdown),
  facts.unprivilegedBpfDisabled === 0
    ? {
        group: "kernel",
        name: "unprivileged BPF",
        status: "warn",
        detail: "every user may load BPF programs; Hopmark does not need that",
        remedy: "sysctl kernel.unprivileged_bpf_disabled=2",
      }
    : { group: "kernel", name: "unprivileged BPF", status: "ok", detail: "switched off, as it should be" },
];

const jitCheck = (jit: number | undefined): Check => {
  if (jit === undefined || jit > 0) {
    return { group: "kernel", name: "JIT", status: "ok", detail: jit === undefined ? "always on" : "on" };
  }
  const detail = "BPF programs are interpreted, several times slower";
  return { group: "kernel", name: "JIT", status: "warn", detail, remedy: "sysctl net.core.bpf_jit_enable=1" };
};

const lockdownCheck = (lockdown: string | undefined): Check => {
  if (lockdown === "confidentiality") {
    const detail = "confidentiality: programs may not read the kernel's memory, so probes and queue depths do not work";
    const remedy = "boot with lockdown=integrity, or without";
    return { group: "kernel", name: "lockdown", status: "warn", detail, remedy };
  }
  const detail = lockdown === undefined ? "not to be told: securityfs is not mounted" : lockdown;
  return { group: "kernel", name: "lockdown", status: "ok", detail };
};

/** Where pins and control groups live. */
export const fileSystemChecks = (facts: KernelFacts): Check[] => [
  bpffsCheck(facts),
  facts.cgroup2Path === undefined
    ? {
        group: "file systems",
        name: "cgroup2",
        status: "warn",
        detail: "not mounted: programs on sockets of a service cannot be attached",
        remedy: "mount -t cgroup2 none /sys/fs/cgroup",
      }
    : { group: "file systems", name: "cgroup2", status: "ok", detail: facts.cgroup2Path },
];

const bpffsCheck = ({ bpffs, inInitialMountNamespace }: KernelFacts): Check => {
  const part = { group: "file systems", name: "bpffs" } as const;
  if (bpffs) return { ...part, status: "ok", detail: BPFFS_PATH };
  if (inInitialMountNamespace === true) {
    return { ...part, status: "ok", detail: `not mounted; Hopmark mounts it at ${BPFFS_PATH} when it is needed` };
  }
  return {
    ...part,
    status: "missing",
    detail: "not mounted in this mount namespace, where what Hopmark sets up would vanish with the command",
    remedy: `run hopmark outside \`ip netns exec\` and name the namespace with --netns; in a container, mount the host's ${BPFFS_PATH}`,
  };
};
