/** Transit at XDP in ns a packet, beside forwarding by the same code without IOAM. Run in porthos of a lab, whose routes it asks. */
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { xdpTestContext } from "../../src/bpf/test-run.ts";
import { compile } from "../../src/compiler/compile.ts";
import { Xdp } from "../../src/kernel/context.ts";
import type { Program } from "../../src/kernel/program.ts";
import { labDown, labUp, musketeers, openNode } from "../../src/lab/index.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { localInterface, localNode } from "../../src/mark/ioam/local-node.ts";
import {
  egressInterfaces,
  leaseFrom,
  leaseUntil,
  NEAR_MASK,
  nearEgress,
  nextHops,
  Takes,
  readWays,
  wayCounters,
} from "../../src/mark/ioam/transit/xdp-maps.ts";
import { ipv6, mac } from "../../src/wire/address.ts";
import { ATHOS, FREE, indexOf, PORTHOS } from "./forwarding.ts";
import { forwardAndRestore, transitAndRestore } from "./xdp-programs.bpf.ts";

/** ns/packet of one program. */
export type Measure = () => number;

export interface XdpCost {
  /** By the kernel's forwarding tables, and by the next-hop table. */
  readonly fib: { readonly transit: Measure; readonly forward: Measure };
  readonly table: { readonly transit: Measure; readonly forward: Measure };
  close(): void;
}

const REPEAT = 40_000;
/** Hop limit 63 and node id 2, in the last seven of the words that are free. */
const ENTRY = 0x3f00_0002;
const ENTRY_AT = 14 + 40 + 4 + 4 + 8 + (FREE - 7) * 4;
/** Other destinations in the table. */
const DESTINATIONS = 1000;

export const openXdpCost = (frame: Uint8Array): XdpCost => {
  const lab = `cost${process.pid}`;
  const owner = processIdentity();
  labUp(musketeers({ xdp: true }), lab, owner === undefined ? {} : { owner });
  const porthos = openNode(lab, "porthos");
  const context = xdpTestContext(frame.length, { ingressIfindex: indexOf(porthos, "h_porthos_a") });
  const out = indexOf(porthos, "h_porthos_b");
  const undo = { source: ATHOS, destination: PORTHOS, remainingLength: FREE };
  const config = {
    node: localNode(porthos),
    device: localInterface(porthos, "h_porthos_a", 14),
    mac: PORTHOS,
    frags: false,
  };
  const opened: LoadedProgram[] = [];
  const make = (program: Program, table: boolean, fills: boolean): Measure => {
    const loaded = load(compile(program));
    opened.push(loaded);
    fillMaps(loaded, out, table);
    const { packet } = loaded.testRun(frame, { context, netns: porthos });
    const entry = new DataView(packet.buffer, packet.byteOffset).getUint32(ENTRY_AT);
    if ((entry === ENTRY) !== fills) throw new Error(`${loaded.name}: 0x${entry.toString(16)} where the entry starts`);
    return () => {
      const before = sent(loaded, table);
      const result = loaded.testRun(frame, { repeat: REPEAT, context, netns: porthos });
      const done = sent(loaded, table) - before;
      // One a second goes through the stack where the kernel is asked.
      if (result.verdict !== Xdp.Redirect && done === REPEAT)
        throw new Error(`${loaded.name}: verdict ${result.verdict}`);
      if (done < REPEAT - 2) throw new Error(`${loaded.name} forwarded ${done} of ${REPEAT}`);
      return result.durationNs;
    };
  };
  const both = (table: boolean) => ({
    transit: make(transitAndRestore({ ...config, table }, undo), table, true),
    forward: make(forwardAndRestore({ ...config, table }, undo), table, false),
  });
  return {
    fib: both(false),
    table: both(true),
    close() {
      for (const loaded of opened) loaded.close();
      porthos.close();
      labDown(lab);
    },
  };
};

const sent = (loaded: LoadedProgram, table: boolean): number =>
  Number(readWays((at) => loaded.map(wayCounters).sum(at)?.value ?? 0n).ways[table ? "forwardedByTable" : "forwarded"]);

const fillMaps = (loaded: LoadedProgram, out: number, table: boolean): void => {
  const ids = { id: 22, idWide: 22, takes: Takes.Frags };
  loaded.map(egressInterfaces).set({ ifindex: out }, { ...ids, confirmedAt: 0n });
  loaded.map(nearEgress).set(out & NEAR_MASK, { ...ids, ifindex: out, confirmedAt: 0n });
  if (!table) return;
  loaded.map(leaseFrom).value = 0n;
  loaded.map(leaseUntil).value = (1n << 64n) - 1n;
  const hop = {
    ...ids,
    ifindex: out,
    mtu: 1500,
    sourceMac: mac("2e:fe:7c:b0:c7:22"),
    destinationMac: mac("2e:fe:7c:b0:c7:31"),
  };
  const others = Array.from({ length: DESTINATIONS }, (_, index) => `2001:db8:${(index * 61).toString(16)}::`);
  for (const address of [...others, "db02::"])
    loaded.map(nextHops).set({ prefixLength: address === "db02::" ? 64 : 48, address: ipv6(address) }, hop);
};
