/**
 * Watches TCP retransmissions of this whole machine: a record for each, and counts by peer, from the kernel's own tracepoint.
 *
 *     npx hopmark run examples/retransmissions.bpf.ts
 *
 * `kernel.d.ts` beside it holds the kernel's types for the editor: hopmark types examples/retransmissions.bpf.ts -o examples/kernel.d.ts
 */
import {
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

export const watch = tracepoint("tcp_retransmit_skb", (sk) => {
  const common = sk.__sk_common;
  if (common.skc_family === AF_INET) {
    const key = { local: ipv4Of(common.skc_rcv_saddr), remote: ipv4Of(common.skc_daddr) };
    const peer = ipv4Peers.lookup(key);
    if (peer === null) ipv4Peers.update(key, { value: 1n });
    else fetchAdd(peer, "value", 1n);
  } else {
    const key = { local: ipv6Of(common.skc_v6_rcv_saddr), remote: ipv6Of(common.skc_v6_daddr) };
    const peer = ipv6Peers.lookup(key);
    if (peer === null) ipv6Peers.update(key, { value: 1n });
    else fetchAdd(peer, "value", 1n);
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
