/**
 * The time at which a packet is handed over to the driver, behind all queues: the copy that was made of it waits under the
 * packet's address and goes into the ring from here. Nothing waits for the copy. Packets that are dropped on the way have
 * theirs put out without that time.
 */
import { StampSource } from "../../wire/stamp-source.ts";
import { makeProgram, type Program } from "../../kernel/program.ts";
import { objectAddress } from "../../kernel/tracing-helpers.ts";
import { count } from "../feature/count.bpf.ts";
import { taiOffset } from "../feature/tai-offset.ts";
import { wallClockNs } from "../feature/wall-clock.bpf.ts";
import { StampOutcome, stampCounters, type Awaiting } from "./awaiting.ts";
import type { CopyMaps } from "./copy-maps.ts";
import { putOutLate } from "./put-out.bpf.ts";

export interface HandoverConfig {
  readonly snap: number;
  readonly maps: CopyMaps;
  readonly awaiting: Awaiting;
}

/** The interface that packets leave by. */
export interface Driver {
  readonly ifindex: number;
  /** Inode of its network namespace: others have interfaces of the same number. */
  readonly netnsInode: number;
}

/** `struct sk_buff` and `struct net_device`, as far as they are read. */
interface Skb {
  readonly len: number;
}
interface NetDevice {
  readonly ifindex: number;
  readonly nd_net: { readonly net: { readonly ns: { readonly inum: number } } | null };
}

const TAG_BYTES = 4;

export const handover = ({ snap, maps, awaiting }: HandoverConfig, driver: Driver): Program<"tracepoint"> =>
  makeProgram(
    "tracepoint",
    (skb: Skb, dev: NetDevice): void => {
      if (dev.ifindex !== driver.ifindex) return;
      const { net } = dev.nd_net;
      if (net === null || net.ns.inum !== driver.netnsInode) return;
      const address = objectAddress(skb);
      const copy = awaiting.lookup(address);
      if (copy === null) return;
      // A packet that was cut up left by other objects, and its own may be another packet's by now. A tag may be in it by now.
      const own = copy.packetLength;
      if (skb.len === own || skb.len === own + TAG_BYTES) {
        copy.timeNs = wallClockNs(taiOffset.value);
        copy.stampSource = StampSource.Driver;
        count(stampCounters, StampOutcome.Stamped);
      }
      putOutLate(copy, snap, maps);
      awaiting.delete(address);
    },
    { name: "pval_handover" },
    { target: "net_dev_start_xmit" },
  );

/** Wherever the kernel drops a packet. */
export const dropped = ({ snap, maps, awaiting }: HandoverConfig): Program<"tracepoint"> =>
  makeProgram(
    "tracepoint",
    (skb: Skb): void => {
      const address = objectAddress(skb);
      const copy = awaiting.lookup(address);
      if (copy === null) return;
      putOutLate(copy, snap, maps);
      awaiting.delete(address);
    },
    { name: "pval_dropped" },
    { target: "kfree_skb" },
  );
