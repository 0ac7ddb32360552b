/** Capabilities of the calling thread. Source: capabilities(7), include/uapi/linux/capability.h. */
import { PermissionError } from "../errors.ts";
import { syscall } from "./ffi.ts";

/** In the order of their numbers. */
const names = `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP
MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`;
let byNumber: readonly string[] | undefined;

/** The capabilities that Hopmark asks for, and for what. */
export const purposes = {
  CAP_BPF: "load BPF programs and make maps",
  CAP_NET_ADMIN: "attach programs to interfaces, and configure interfaces, routes and IOAM",
  CAP_PERFMON: "load tracing programs",
  CAP_NET_RAW: "open packet sockets",
  CAP_SYS_ADMIN: "make and enter network namespaces, and mount bpffs",
} as const;

export type Capability = keyof typeof purposes;

/** The effective capabilities by name (`CAP_NET_ADMIN`). */
export function effectiveCapabilities(): Set<string> {
  const header = Uint32Array.of(LINUX_CAPABILITY_VERSION_3, 0);
  // two times { effective, permitted, inheritable }: the low and the high 32 bits
  const data = new Uint32Array(6);
  syscall("capget", undefined, header, data);
  const mask = BigInt(data[0] ?? 0) | (BigInt(data[3] ?? 0) << 32n);
  const result = new Set<string>();
  for (let bit = 0; bit < 64; bit++) {
    if ((mask & (1n << BigInt(bit))) !== 0n) result.add(capabilityName(bit));
  }
  return result;
}

/** The name of a capability's number: 12 is `CAP_NET_ADMIN`; one that is unknown here is `CAP_` and the number. */
export function capabilityName(bit: number): string {
  byNumber ??= names.split(/\s+/);
  return `CAP_${byNumber[bit] ?? bit}`;
}

/** Those of `wanted` that the calling thread lacks. CAP_SYS_ADMIN stands for BPF and PERFMON, as in the kernel. */
export function missingCapabilities(
  wanted: readonly Capability[],
  effective: ReadonlySet<string> = effectiveCapabilities(),
): Capability[] {
  const covered = (capability: Capability) =>
    effective.has(capability) ||
    ((capability === "CAP_BPF" || capability === "CAP_PERFMON") && effective.has("CAP_SYS_ADMIN"));
  return wanted.filter((capability) => !covered(capability));
}

/** Throw `PermissionError` for the first missing capability; the message says what `task` needs it for. */
export function requireCapabilities(
  task: string,
  wanted: readonly Capability[],
  effective: ReadonlySet<string> = effectiveCapabilities(),
): void {
  const missing = missingCapabilities(wanted, effective);
  const [first] = missing;
  if (first === undefined) return;
  const why = missing.map((capability) => `${capability} (to ${purposes[capability]})`).join(", ");
  throw new PermissionError(first, `${task} needs ${why}`, { hint: remedy(missing) });
}

/** How to come by these capabilities. */
export function remedy(missing: readonly Capability[]): string {
  return process.getuid?.() === 0
    ? `this root lacks ${missing.join(", ")} (a container?): give it these capabilities`
    : "run it as root: put sudo in front, or start it from a root shell";
}

const LINUX_CAPABILITY_VERSION_3 = 0x20080522;
