import { existsSync, readFileSync } from "node:fs";
import { arch } from "node:process";
import { lockdownMode } from "./confinement.ts";
import { cgroup2Path, filesystemMagic, inInitialMountNamespace, Magic } from "./mounts.ts";

/** What the running kernel is and permits. Undefined: it could not be told. Nothing is mounted or changed to find out. */
export interface KernelFacts {
  readonly release: string;
  readonly arch: string;
  /** `none`, `integrity` or `confidentiality`; undefined where securityfs is not mounted. */
  readonly lockdown: string | undefined;
  /** net.core.bpf_jit_enable: 0 off, 1 on, 2 on and traced. */
  readonly jit: number | undefined;
  /** kernel.unprivileged_bpf_disabled: 0 no, 1 for good, 2 yes. */
  readonly unprivilegedBpfDisabled: number | undefined;
  /** The kernel's own type information is there (/sys/kernel/btf/vmlinux). */
  readonly btf: boolean;
  readonly cgroup2Path: string | undefined;
  /** bpffs is mounted at /sys/fs/bpf. */
  readonly bpffs: boolean;
  readonly inInitialMountNamespace: boolean | undefined;
}

export const BPFFS_PATH = "/sys/fs/bpf";
export const VMLINUX_BTF_PATH = "/sys/kernel/btf/vmlinux";

export function kernelFacts(): KernelFacts {
  return {
    release: kernelRelease(),
    arch,
    lockdown: lockdownMode(),
    jit: number("/proc/sys/net/core/bpf_jit_enable"),
    unprivilegedBpfDisabled: number("/proc/sys/kernel/unprivileged_bpf_disabled"),
    btf: existsSync(VMLINUX_BTF_PATH),
    cgroup2Path: cgroup2Path(),
    bpffs: filesystemMagic(BPFFS_PATH) === Magic.bpffs,
    inInitialMountNamespace: inInitialMountNamespace(),
  };
}

/**
 * One option of the kernel's configuration (`CONFIG_NET_CLS_BPF`): `y`, `m`, `n` or a value; undefined when neither
 * /proc/config.gz nor /boot/config-RELEASE is there.
 */
export function kernelConfig(option: string): string | undefined {
  const config = configText();
  return config && (new RegExp(`^${option}=(.*)$`, "m").exec(config)?.[1] ?? "n");
}

function configText(): string | undefined {
  try {
    return process.getBuiltinModule("node:zlib").gunzipSync(readFileSync("/proc/config.gz")).toString("latin1");
  } catch {
    return read(`/boot/config-${kernelRelease()}`);
  }
}

/** `node:os` takes a while to load. */
function kernelRelease(): string {
  return process.getBuiltinModule("node:os").release();
}

function number(path: string): number | undefined {
  const text = read(path);
  return text === undefined ? undefined : Number(text);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
