/** pval: what a mark, its removal and a copy cost, in ns a packet, and TCP with marks. */
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { possibleCpus } from "../../src/bpf/maps/possible-cpus.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { Program } from "../../src/kernel/program.ts";
import { copyMaps } from "../../src/mark/pval/copy-maps.ts";
import { receive } from "../../src/mark/pval/receive.bpf.ts";
import { data, packet, udp } from "../../src/mark/pval/test-support/packets.ts";
import { idle, markAndStrip, stripOnly } from "../pval/programs.bpf.ts";
import { tcpRows } from "../pval/tcp.ts";
import { compare, type Area } from "../row.ts";

const REPEAT = 50_000;
/** Copies of one measurement: as many as a ring has room for. */
const COPIES = 2000;

export const area: Area = async (report) => {
  const opened: LoadedProgram[] = [];
  const loaded = (program: Program<"tc">): LoadedProgram => {
    const own = load(compile(program, { kernelTypes: kernelBtf() }));
    opened.push(own);
    return own;
  };
  const frame = packet({}, [udp, data(300)]);
  const floor = loaded(idle);
  const row = (name: string, ours: () => number): void =>
    report(
      compare({
        name,
        unit: "ns/packet",
        better: "lower",
        peerName: "a program that does nothing",
        ours,
        peer: () => floor.testRun(frame, { repeat: REPEAT }).durationNs,
      }),
    );
  const runs = (program: Program<"tc">): (() => number) => {
    const own = loaded(program);
    return () => own.testRun(frame, { repeat: REPEAT }).durationNs;
  };
  try {
    row("mark, and strip again", runs(markAndStrip));
    row("strip, of a packet without a mark", runs(stripOnly));
    row("copy, without a reader", runs(copying(false).program));
    for (const stamps of [false, true]) {
      const { program, maps } = copying(stamps);
      const own = loaded(program);
      for (let cpu = 0; cpu < possibleCpus(); cpu++)
        own.map(maps.readers).set(cpu, { reading: 1, pid: 0, startTime: 0n });
      row(`copy of 256 bytes${stamps ? ", with the packet's time" : ""}`, () => {
        const { durationNs } = own.testRun(frame, { repeat: COPIES });
        const read = maps.rings.reduce((sum, ring) => sum + own.map(ring).poll(() => {}), 0);
        if (read !== COPIES) throw new Error(`${read} copies of ${COPIES}`);
        return durationNs;
      });
    }
  } finally {
    for (const own of opened) own.close();
  }
  for (const own of await tcpRows()) report(own);
};

const copying = (stamps: boolean) => {
  const maps = copyMaps("rx", possibleCpus(), 1 << 20);
  const copy = { direction: "rx", snap: 256, stamps, maps, awaiting: null } as const;
  return { maps, program: receive({ network: 14, strip: false, copy, to: null }) };
};
