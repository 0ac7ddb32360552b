/** A capture to lines, and to columns: against Debian's tcpdump and tshark, over the same packets. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeCapture } from "../decode/capture.ts";
import { memory, rate } from "../decode/run.ts";
import { compare, type Area } from "../row.ts";

const PACKETS = 1_000_000;
/** For those who are slow. */
const FEW = 50_000;
const CLIENTS = 65_536;
/** The goal, to be told beside what was measured. */
const GOAL_MB = 80;
const FIELDS = ["ip.src", "tcp.dstport"] as const;

const hopmark = (...words: readonly string[]): readonly string[] => [
  process.execPath,
  "bin/hopmark.js",
  "dump",
  ...words,
];

export const area: Area = async (report) => {
  const folder = mkdtempSync(join(tmpdir(), "hopmark-bench-"));
  const at = (name: string): string => join(folder, name);
  const make = (name: string, packets: number, clients: number): string => {
    writeFileSync(at(name), decodeCapture(packets, clients));
    return at(name);
  };
  try {
    const plain = make("plain.pcap", PACKETS, 100);
    const crowd = make("crowd.pcap", PACKETS, CLIENTS);
    const few = make("few.pcap", FEW, 100);
    const fewCrowd = make("few-crowd.pcap", FEW, CLIENTS);
    const lines = (path: string, count: number) => () => rate(hopmark("-n", "-r", path), count);
    const shared = { unit: "packets/s", better: "higher", rounds: 5 } as const;

    expectSame(hopmark("-n", "-r", few), ["tcpdump", "-n", "-r", few], folder);
    const peak = await memory(hopmark("-n", "-r", crowd));
    const plainRow = compare({
      ...shared,
      name: "a line a packet, 100 clients",
      peerName: "tcpdump -n",
      ours: lines(plain, PACKETS),
      peer: () => rate(["tcpdump", "-n", "-r", plain], PACKETS),
    });
    report({ ...plainRow, details: { "resident MB": Math.round(peak), "goal MB": GOAL_MB } });
    report(
      compare({
        ...shared,
        name: "a line a packet, 65,536 clients in one /16",
        peerName: "the same of 100 clients",
        ours: lines(crowd, PACKETS),
        peer: lines(plain, PACKETS),
      }),
    );
    report(
      compare({
        ...shared,
        rounds: 3,
        name: "a line a packet, 65,536 clients, of 50,000",
        peerName: "tcpdump -n",
        ours: lines(fewCrowd, FEW),
        peer: () => rate(["tcpdump", "-n", "-r", fewCrowd], FEW),
      }),
    );
    report(
      compare({
        ...shared,
        rounds: 3,
        name: "a line a packet",
        peerName: "tshark -n, of 50,000",
        ours: lines(plain, PACKETS),
        peer: () => rate(["tshark", "-n", "-r", few], FEW),
      }),
    );
    const names = FIELDS.flatMap((name) => ["-e", name]);
    expectSame(
      hopmark("--fields", FIELDS.join(","), "-r", few),
      ["tshark", "-n", "-r", few, "-T", "fields", ...names],
      folder,
    );
    report(
      compare({
        ...shared,
        rounds: 3,
        name: `columns ${FIELDS.join(", ")}`,
        peerName: "tshark -T fields, of 50,000",
        ours: () => rate(hopmark("--fields", FIELDS.join(","), "-r", plain), PACKETS),
        peer: () => rate(["tshark", "-n", "-r", few, "-T", "fields", ...names], FEW),
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** What was measured was the same work. */
const expectSame = (ours: readonly string[], theirs: readonly string[], folder: string): void => {
  const [own, other] = [ours, theirs].map((command, index) => {
    const output = join(folder, `printed-${index}`);
    rate(command, FEW, output);
    return readFileSync(output, "utf8");
  });
  if (own !== other) throw new Error(`${theirs[0]} prints other lines`);
};
