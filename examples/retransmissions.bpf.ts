/**
 * Watches TCP retransmissions of this whole machine: a record for each, and counts by peer, from the kernel's own tracepoint.
 *
 *     npx hopmark run examples/retransmissions.bpf.ts
 *
 * `kernel.d.ts` beside it holds the kernel's types for the editor: hopmark types examples/retransmissions.bpf.ts -o examples/kernel.d.ts
 */
import {
  MapUpdate,
  chars,
  commInto,
  currentPid,
  fetchAdd,
  ipv4Address,
  ipv4Of,
  ipv6Address,
  ipv6Of,
  lruHashMap,
  ringBuffer,
  struct,
  tracepoint,
  u16,
  u32,
  u64,
  type HashMap,
} from "hopmark/kernel";

const AF_INET = 2;

/** Who was running when the segment went out again is rarely who sent it: most retransmissions come from a timer. */
const Retransmission = struct("retransmission", {
  localPort: u16,
  remotePort: u16,
  state: u16,
  pid: u32,
  comm: chars(16),
});
const Ipv4 = struct("ipv4", { local: ipv4Address, remote: ipv4Address });
const Ipv6 = struct("ipv6", { local: ipv6Address, remote: ipv6Address });

export const segments = ringBuffer({ bytes: 1 << 18, name: "segments" });
export const ipv4Peers = lruHashMap(Ipv4, u64, { entries: 16_384, name: "ipv4Peers" });
export const ipv6Peers = lruHashMap(Ipv6, u64, { entries: 16_384, name: "ipv6Peers" });

const count = <K>(peers: HashMap<K, { value: bigint }>, key: K): void => {
  // Where another CPU adds the peer in this moment, nothing is written over.
  if (peers.lookup(key) === null) peers.update(key, { value: 0n }, MapUpdate.NoExist);
  const peer = peers.lookup(key);
  if (peer !== null) fetchAdd(peer, "value", 1n);
};

export const watch = tracepoint("tcp_retransmit_skb", (sk) => {
  const common = sk.__sk_common;
  if (common.skc_family === AF_INET) {
    const key = { local: ipv4Of(common.skc_rcv_saddr), remote: ipv4Of(common.skc_daddr) };
    count(ipv4Peers, key);
  } else {
    const key = { local: ipv6Of(common.skc_v6_rcv_saddr), remote: ipv6Of(common.skc_v6_daddr) };
    count(ipv6Peers, key);
  }
  const record = segments.reserve(Retransmission);
  if (record === null) return;
  record.localPort = common.skc_num;
  record.remotePort = common.skc_dport;
  record.state = common.skc_state;
  record.pid = currentPid();
  commInto(record, "comm");
  segments.submit(record);
});
