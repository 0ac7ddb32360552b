/**
 * Lets each IPv4 source open at most so many TCP connections a second, and drops the SYNs beyond that, at XDP.
 *
 *     npx hopmark run examples/syn-guard.bpf.ts --dev eth0
 *
 * A source has a bucket of tokens. Each SYN takes one; they come back at a steady rate. `limit` is a global variable: it can be
 * changed while the program runs, by a script or by bpftool map update name limit key 0 0 0 0 value 20 0 0 0
 */
import {
  MapUpdate,
  Xdp,
  ipv4Address,
  lruHashMap,
  monotonicNs,
  perCpuArrayMap,
  struct,
  u32,
  u64,
  variable,
  xdp,
} from "hopmark/kernel";
import { EtherType, Ethernet, IpProtocol, Ipv4, Tcp } from "hopmark/wire";

const SECOND_NS = 1_000_000_000n;

/** SYNs a second, and how many at once after a quiet second. */
export const limit = variable(u32, 100, { name: "limit" });

const Bucket = struct("bucket", { passed: u64, dropped: u64, lastNs: u64, tokens: u32 });
export const sources = lruHashMap(ipv4Address, Bucket, { entries: 65_536, name: "sources" });

const Totals = struct("totals", { passed: u64, dropped: u64 });
export const totals = perCpuArrayMap(Totals, { entries: 1, name: "totals" });

export const guard = xdp((ctx) => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet === null || ethernet.etherType !== EtherType.Ipv4) return Xdp.Pass;
  const ip = ctx.packet.at(Ipv4, Ethernet.size);
  if (ip === null || ip.protocol !== IpProtocol.Tcp || ip.fragmentOffset !== 0) return Xdp.Pass;
  const tcp = ctx.packet.at(Tcp, Ethernet.size + ip.headerLength * 4);
  if (tcp === null || tcp.syn === 0 || tcp.ack === 1) return Xdp.Pass;

  const total = totals.lookup(0);
  if (total === null) return Xdp.Pass;
  const now = monotonicNs();
  const most = limit.value;
  const source = ip.source;
  let bucket = sources.lookup(source);
  if (bucket === null) {
    sources.update(source, { passed: 0n, dropped: 0n, lastNs: now, tokens: most }, MapUpdate.NoExist);
    bucket = sources.lookup(source);
  }
  if (bucket === null) return Xdp.Pass;

  const quietNs = BigInt.asUintN(64, now - bucket.lastNs);
  let tokens = bucket.tokens;
  if (quietNs >= SECOND_NS) {
    tokens = most;
    bucket.lastNs = now;
  } else {
    const earned = Number((quietNs * BigInt(most)) / SECOND_NS);
    // What is too little for one token is earned together with the next.
    if (earned > 0) {
      tokens = Math.min(tokens + earned, most);
      bucket.lastNs = now;
    }
  }
  if (tokens === 0) {
    bucket.dropped += 1n;
    total.dropped += 1n;
    return Xdp.Drop;
  }
  bucket.tokens = tokens - 1;
  bucket.passed += 1n;
  total.passed += 1n;
  return Xdp.Pass;
});
