/** Our lines and tcpdump's, packet by packet. */
import { spawnSync } from "node:child_process";
import { parserFor } from "../../../src/follow/capture/file-parser.ts";
import { PacketLines, type LineOptions } from "../../../src/follow/capture/packet-lines.ts";
import { LineWriter } from "../../../src/wire/line/line-writer.ts";
import { pcapFile } from "../pcap.ts";
import type { GoldenCapture } from "./build.ts";

/** Captures that one file can hold, and so one run of tcpdump judges. */
export const grouped = (captures: readonly GoldenCapture[]): readonly (readonly GoldenCapture[])[] => {
  const groups = new Map<string, GoldenCapture[]>();
  for (const own of captures) {
    const key = `${own.linkType ?? 1} ${own.snapLength ?? 0}`;
    groups.set(key, [...(groups.get(key) ?? []), own]);
  }
  return [...groups.values()];
};

export const fileOf = (members: readonly GoldenCapture[]): Uint8Array => {
  const { linkType = 1, snapLength = 0x40000 } = members[0]!;
  return pcapFile(
    members.flatMap(({ packets }) => packets),
    { linkType, snapLength, time: (index) => [1_700_000_000 + index, 999_000 + index] },
  );
};

export interface Judged {
  readonly name: string;
  readonly ours: string | undefined;
  readonly tcpdump: string | undefined;
}

/** Every packet of these captures, which `path` holds. */
export const judge = (
  members: readonly GoldenCapture[],
  path: string,
  flags: readonly string[],
  options: LineOptions,
): readonly Judged[] => {
  const key = `${path} ${flags.join(" ")}`;
  const known = judgements.get(key);
  if (known !== undefined) return known;
  const own = byPacket(ours(fileOf(members), options));
  const others = byPacket(theirs(path, flags));
  const names = members.flatMap(({ name, packets }) => packets.map((_, index) => `${name}, packet ${index + 1}`));
  const judged = names.map((name, index) => ({ name, ours: own[index], tcpdump: others[index] }));
  judgements.set(key, judged);
  return judged;
};

/** What was judged already. */
const judgements = new Map<string, readonly Judged[]>();

const ours = (file: Uint8Array, options: LineOptions): string => {
  const parser = parserFor(file)!;
  parser.push(file);
  const writer = new LineWriter();
  const lines = new PacketLines(writer, parser.interfaces, { ...options, number: true });
  for (let n = 0; n < parser.columns.count; n++) lines.add(parser.columns, n);
  return new TextDecoder().decode(writer.take());
};

const theirs = (path: string, flags: readonly string[]): string => {
  const { stdout, stderr, status } = spawnSync("tcpdump", ["-n", "-#", ...flags, "-r", path], {
    maxBuffer: 1 << 28,
    encoding: "latin1",
  });
  if (status !== 0) throw new Error(`tcpdump ended with ${status}: ${stderr}`);
  return stdout;
};

/** Lines start with the packets' numbers. */
const byPacket = (text: string): string[] =>
  text.split(/^(?=[ \d]{5} {2})/m).map((lines) => lines.replace(/ +$/gm, ""));
