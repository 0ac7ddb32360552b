/**
 * Counts the bytes that each cgroup of this machine sends: each systemd service, each container.
 *
 *     npx hopmark run examples/cgroup-bytes.bpf.ts --hook egress
 *
 * A cgroup's id is the inode number of its folder: find /sys/fs/cgroup -inum ID
 */
import { CgroupSkb, MapUpdate, cgroupSkb, fetchAdd, hashMap, struct, u64 } from "hopmark/kernel";

const Sent = struct("sent", { packets: u64, bytes: u64 });
export const cgroups = hashMap(u64, Sent, { entries: 4096, name: "cgroups" });

export const count = cgroupSkb((ctx) => {
  const id = ctx.cgroupId();
  const bytes = BigInt(ctx.packet.length);
  let sent = cgroups.lookup(id);
  if (sent === null) {
    // Another CPU may add it in this moment: then that one is counted in.
    cgroups.update(id, { packets: 0n, bytes: 0n }, MapUpdate.NoExist);
    sent = cgroups.lookup(id);
  }
  if (sent !== null) {
    fetchAdd(sent, "packets", 1n);
    fetchAdd(sent, "bytes", bytes);
  }
  return CgroupSkb.Allow;
});
