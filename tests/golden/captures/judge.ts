/** Our lines and tcpdump's, packet by packet. */
import { spawnSync } from "node:child_process";
import { parserFor } from "../../../src/follow/capture/file-parser.ts";
import { PacketLines, type LineOptions } from "../../../src/follow/capture/packet-lines.ts";
import { LineWriter } from "../../../src/wire/line/line-writer.ts";
import { pcapFile } from "../pcap.ts";
import type { GoldenCapture } from "./build.ts";

/** Captures of one link type: those that one file can hold. */
export const grouped = (captures: readonly GoldenCapture[]): readonly (readonly GoldenCapture[])[] => {
  const groups = new Map<number, GoldenCapture[]>();
  for (const own of captures) {
    const { linkType = 1 } = own;
    groups.set(linkType, [...(groups.get(linkType) ?? []), own]);
  }
  return [...groups.values()];
};

/** Each packet as much as was captured of it. */
export const fileOf = (members: readonly GoldenCapture[]): Uint8Array =>
  pcapFile(
    members.flatMap(({ packets }) => packets),
    {
      linkType: members[0]!.linkType ?? 1,
      captured: members.flatMap(({ packets, snapLength = 0x40000 }) => packets.map(() => snapLength)),
      time: (index) => [1_700_000_000 + index, 999_000 + (index % 1000)],
    },
  );

export interface Judged {
  readonly name: string;
  readonly ours: string | undefined;
  readonly tcpdump: string | undefined;
}

/** Captures, and the file that holds them. */
export interface JudgedFile {
  readonly members: readonly GoldenCapture[];
  readonly path: string;
}

/** Every packet of these files. */
export const judge = (
  files: readonly JudgedFile[],
  flags: readonly string[],
  options: LineOptions,
): readonly Judged[] => {
  const known = judgements.get(flags);
  if (known !== undefined) return known;
  const others = theirs(files, flags);
  const judged = files.flatMap(({ members }, file) => {
    const own = byPacket(ours(fileOf(members), options));
    const tcpdump = byPacket(others[file]!);
    const names = members.flatMap(({ name, packets }) => packets.map((_, index) => `${name}, packet ${index + 1}`));
    return names.map((name, index) => ({ name, ours: own[index], tcpdump: tcpdump[index] }));
  });
  judgements.set(flags, judged);
  return judged;
};

/** What was judged already, by its flags. */
const judgements = new Map<readonly string[], readonly Judged[]>();

const ours = (file: Uint8Array, options: LineOptions): string => {
  const parser = parserFor(file)!;
  parser.push(file);
  const writer = new LineWriter();
  const lines = new PacketLines(writer, parser.interfaces, { ...options, number: true });
  for (let n = 0; n < parser.columns.count; n++) lines.add(parser.columns, n);
  return new TextDecoder().decode(writer.take());
};

/** What no line of tcpdump's holds: a record separator. */
const END = "\u001e";
/** One process starts the others: a test runner's own takes long to fork. */
const SCRIPT = `flags=$1; shift; for file; do tcpdump -n -# $flags -r "$file" || exit; printf '\\036'; done`;

const theirs = (files: readonly JudgedFile[], flags: readonly string[]): readonly string[] => {
  const args = ["-c", SCRIPT, "sh", flags.join(" "), ...files.map(({ path }) => path)];
  const { stdout, stderr, status } = spawnSync("sh", args, { maxBuffer: 1 << 28, encoding: "latin1" });
  if (status !== 0) throw new Error(`tcpdump ended with ${status}: ${stderr}`);
  return stdout.split(END).slice(0, -1);
};

/** Lines start with the packets' numbers. */
const byPacket = (text: string): string[] =>
  text.split(/^(?=[ \d]{4}\d {2})/m).map((lines) => lines.replace(/ +$/gm, ""));
