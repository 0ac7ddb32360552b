import { UnsupportedError } from "../../errors.ts";
import { cString, Errno, rawSyscall, syscallError } from "../../linux/ffi.ts";
import { filesystemMagic, inInitialMountNamespace, Magic } from "../../linux/mounts.ts";
import { syscallNumber } from "../../linux/syscall-numbers.ts";
import { notPermitted } from "../sys/bpf.ts";

/** Where the BPF file system belongs. */
export const BPFFS = "/sys/fs/bpf";

/** Whether bpffs is where it belongs. */
export const bpffsMounted = (): boolean => filesystemMagic(BPFFS) === Magic.bpffs;

/**
 * Makes sure that bpffs is mounted at /sys/fs/bpf. Mounts it in pid 1's mount namespace only: anywhere else (`ip netns exec`,
 * a container) the mount, and all pins in it, would vanish with the command.
 * @throws UnsupportedError `bpffs`, PermissionError
 */
export const ensureBpffs = (): void => {
  if (bpffsMounted()) return;
  if (inInitialMountNamespace() !== true) {
    throw new UnsupportedError("bpffs", `no BPF file system is mounted at ${BPFFS} in this mount namespace`, {
      hint: "run hopmark outside `ip netns exec` and name the namespace with --netns; in a container, mount the host's /sys/fs/bpf",
    });
  }
  const result = rawSyscall(syscallNumber("mount"), cString("bpffs"), cString(BPFFS), cString("bpf"), 0, null);
  // EBUSY: somebody else mounted it just now
  if (result >= 0 || (result === -Errno.EBUSY && bpffsMounted())) return;
  if (result === -Errno.EPERM) throw notPermitted(`mounting ${BPFFS}`);
  if (result === -Errno.ENODEV || result === -Errno.ENOENT) {
    throw new UnsupportedError("bpffs", "this kernel has no BPF file system", {
      hint: "use a kernel built with CONFIG_BPF_SYSCALL=y",
    });
  }
  throw syscallError("mount", result, BPFFS);
};
