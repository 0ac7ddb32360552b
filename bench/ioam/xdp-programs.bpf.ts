/** Transit at XDP, and forwarding without IOAM by the same code, each followed by what undoes it. */
import { Xdp, type XdpContext } from "../../src/kernel/context.ts";
import { taiNs } from "../../src/kernel/helpers.ts";
import { xdp } from "../../src/kernel/program.ts";
import { findWay, forwardTraced, send, type XdpTransitConfig } from "../../src/mark/ioam/transit/xdp.bpf.ts";
import { hops } from "../../src/mark/ioam/transit/xdp-maps.ts";
import { header, macAddress } from "../../src/wire/layout.ts";
import type { MacAddress } from "../../src/wire/layout.ts";
import { EtherType } from "../../src/wire/numbers.ts";
import { IoamTraceHeader } from "../../src/wire/ioam/header.ts";
import { Ethernet } from "../../src/wire/headers/ethernet.ts";
import { Ipv6 } from "../../src/wire/headers/ipv6.ts";

const NETWORK = 14;
const TRACE_AT = NETWORK + 40 + 4 + 4;
const Addresses = header("addresses", "", { destination: macAddress, source: macAddress });

/** The frame as it came. */
export interface Undo {
  readonly source: MacAddress;
  readonly destination: MacAddress;
  readonly remainingLength: number;
}

const restore = (ctx: XdpContext, undo: Undo): void => {
  const addresses = ctx.packet.at(Addresses, 0);
  const ip = ctx.packet.at(Ipv6, NETWORK);
  const trace = ctx.packet.at(IoamTraceHeader, TRACE_AT);
  if (addresses === null || ip === null || trace === null) return;
  addresses.destination = undo.destination;
  addresses.source = undo.source;
  ip.hopLimit = 64;
  trace.remainingLength = undo.remainingLength;
};

export const transitAndRestore = (config: XdpTransitConfig, undo: Undo) =>
  xdp(
    (ctx) => {
      const verdict = forwardTraced(ctx, config);
      restore(ctx, undo);
      return verdict;
    },
    { name: "transit_restore" },
  );

export const forwardAndRestore = (config: XdpTransitConfig, undo: Undo) =>
  xdp(
    (ctx) => {
      const ethernet = ctx.packet.at(Ethernet, 0);
      const hop = hops.lookup(0);
      if (ethernet === null || ethernet.etherType !== EtherType.Ipv6 || hop === null) return Xdp.Pass;
      if (ethernet.destination !== config.mac) return Xdp.Pass;
      findWay(ctx, config, hop, taiNs());
      const verdict = send(ctx, config, hop, true, 0);
      restore(ctx, undo);
      return verdict;
    },
    { name: "forward_restore" },
  );

/** Gives each frame back the bytes that forwarding changed in its page, and sends it out of an interface. */
export const cross = (ifindex: number, undo: Undo) =>
  xdp(
    (ctx) => {
      restore(ctx, undo);
      return ctx.redirect(ifindex);
    },
    { name: "cross" },
  );
