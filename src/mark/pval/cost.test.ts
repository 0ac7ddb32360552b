/** What the programs cost before the first packet, on a machine of many CPUs. */
import { expect, test } from "vitest";
import { kernelBtf } from "../../bpf/btf/kernel-btf.ts";
import { load } from "../../bpf/instance.ts";
import { compile } from "../../compiler/compile.ts";
import type { Program } from "../../kernel/program.ts";
import { awaitingCopies } from "./awaiting.ts";
import { copyMaps } from "./copy-maps.ts";
import { bringBack, divert } from "./cut.bpf.ts";
import { dropped, handover } from "./handover.bpf.ts";
import { receive } from "./receive.bpf.ts";
import { transmit } from "./transmit.bpf.ts";

const MOST = 100_000;
/** More than a program can name maps. */
const CPUS = 256;

const awaiting = awaitingCopies(256);
const copy = (direction: "rx" | "tx") => {
  const maps = copyMaps(direction, CPUS, 4096);
  return { direction, snap: 256, stamps: true, maps, awaiting: direction === "tx" ? awaiting : null } as const;
};
const waiting = { ...copy("tx"), awaiting };
const to = { ifindex: 7, farIfindex: 8, mtu: 1500 };

test.each<[name: string, program: Program<"tc"> | Program<"tracepoint">]>([
  ["transmit", transmit({ mark: { network: 14, mtu: 1500 }, copy: copy("tx"), to: 7 })],
  ["receive", receive({ network: 14, strip: true, copy: copy("rx"), to })],
  ["divert", divert({ near: 7, far: 8, mtu: 1500, network: 14 })],
  ["divert, at once", divert({ near: 7, far: null, mtu: 1500, network: 14 })],
  ["divert, no Ethernet device", divert({ near: 7, far: null, mtu: 1500, network: 0 })],
  ["bringBack", bringBack(7)],
  ["handover", handover(waiting, { ifindex: 7, netnsInode: 9 })],
  ["dropped", dropped(waiting)],
])("%s", (_, program) => {
  const loaded = load(compile(program, { kernelTypes: kernelBtf() }));
  const { verifiedInstructions } = loaded.info();
  loaded.close();
  expect(verifiedInstructions).toBeLessThan(MOST);
});
