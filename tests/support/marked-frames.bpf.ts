/** Marked datagrams at any rate: the mark's sequence number counts, and stands in the payload again. */
import { fetchAdd } from "../../src/kernel/atomics.ts";
import { checksum } from "../../src/kernel/checksum.ts";
import { Xdp } from "../../src/kernel/context.ts";
import { variable } from "../../src/kernel/maps.ts";
import { xdp, type Program } from "../../src/kernel/program.ts";
import { header, u64 } from "../../src/wire/layout.ts";
import { MarkedIpv4 } from "../../src/wire/protocols/ipv4-options.ts";
import { pace } from "./pace.bpf.ts";

export const NETWORK = 14;
export const HEADER_BYTES = 32;
const UDP_BYTES = 8;

const Number64 = header("sequence number in the payload", "", { seq: u64 });

export const nextSeq = variable(u64, 0n, { name: "next_seq" });

/** Bursts of so long make up for what the generator had to wait. */
const CATCH_UP_NS = 2_000_000n;

/** Sends each frame out of an interface, at its time when they are paced. */
export const sendMarked = (ifindex: number, isPaced = false): Program<"xdp"> =>
  xdp(
    (ctx) => {
      if (isPaced) pace(CATCH_UP_NS);
      const ip = ctx.packet.at(MarkedIpv4, NETWORK);
      const payload = ctx.packet.at(Number64, NETWORK + HEADER_BYTES + UDP_BYTES);
      if (ip === null || payload === null) return Xdp.Aborted;
      const seq = fetchAdd(nextSeq, "value", 1n);
      ip.seq = seq;
      payload.seq = seq;
      ip.checksum = 0;
      ip.checksum = checksum(ctx.packet.sumWords(NETWORK, HEADER_BYTES));
      return ctx.redirect(ifindex);
    },
    { name: "send_marked" },
  );
