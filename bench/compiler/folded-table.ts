/** A table of prefixes folded into code against the same table in a map. */
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { Xdp } from "../../src/kernel/context.ts";
import { compare, type Row } from "../row.ts";
import { nsPerPacket } from "./measure.ts";
import { folded, looksUp, networks, PREFIX_LENGTH, prefixes } from "./prefix-table.bpf.ts";

const REPEAT = 1_000_000;
const ROUNDS = 15;

export const foldedTable = (report: (row: Row) => void): void => {
  const [tree, trie] = [load(compile(folded)), load(compile(looksUp))];
  try {
    const map = trie.map(prefixes);
    for (const network of networks) map.set({ prefixLength: PREFIX_LENGTH, address: network * 256 }, { value: 1 });
    for (const program of [tree, trie]) {
      for (const network of networks) expectVerdict(program.testRun(to(network)).verdict, Xdp.Tx, network);
      for (const network of networks) expectVerdict(program.testRun(to(network + 1)).verdict, Xdp.Pass, network + 1);
    }
    const packet = to(networks[100]!);
    report(
      compare({
        name: `${networks.length} prefixes folded into code`,
        unit: "ns/packet",
        better: "lower",
        peerName: "LPM trie",
        rounds: ROUNDS,
        ours: () => nsPerPacket(tree, packet, REPEAT),
        peer: () => nsPerPacket(trie, packet, REPEAT),
      }),
    );
  } finally {
    tree.close();
    trie.close();
  }
};

const expectVerdict = (verdict: number, wanted: number, network: number): void => {
  if (verdict !== wanted) throw new Error(`network ${network} got verdict ${verdict}, not ${wanted}`);
};

const to = (network: number): Uint8Array => {
  const frame = new Uint8Array(64);
  new DataView(frame.buffer).setUint32(14 + 16, network * 256 + 9);
  return frame;
};
