/** The judges: tshark and tcpdump, over capture files in a directory of the test's own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pcapFile } from "./pcap.ts";

const run = (command: string, args: readonly string[]): string => {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) throw new Error(`${command} ended with ${result.status}: ${result.stderr}`);
  return result.stdout;
};

export const isInstalled = (command: string): boolean => spawnSync(command, ["--version"]).error === undefined;

const withCapture = <R>(packets: readonly Uint8Array[], judge: (file: string) => R): R => {
  const directory = mkdtempSync(join(tmpdir(), "hopmark-golden-"));
  try {
    const file = join(directory, "packets.pcap");
    writeFileSync(file, pcapFile(packets));
    return judge(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const preferences = [
  ...["ip", "tcp", "udp"].map((protocol) => `${protocol}.check_checksum:TRUE`),
  "tcp.relative_sequence_numbers:FALSE",
].flatMap((preference) => ["-o", preference]);

/** For each packet, the values of these fields; several of one field joined by commas. */
export const tsharkFields = (packets: readonly Uint8Array[], fields: readonly string[]): Record<string, string>[] =>
  withCapture(packets, (file) => fieldsInFile(file, fields));

/** The same of a capture file. */
export const fieldsInFile = (file: string, fields: readonly string[]): Record<string, string>[] => {
  const args = ["-n", "-r", file, ...preferences, "-T", "fields", "-E", "occurrence=a", "-E", "separator=/t"];
  const lines = run("tshark", [...args, ...fields.flatMap((field) => ["-e", field])])
    .split("\n")
    .slice(0, -1);
  return lines.map((line) => {
    const values = line.split("\t");
    return Object.fromEntries(fields.map((field, index) => [field, values[index] ?? ""]));
  });
};

/** For each packet, what tshark complains about: expert infos of a warning or worse, and malformed packets. */
export const tsharkComplaints = (packets: readonly Uint8Array[]): string[] =>
  tsharkFields(packets, ["_ws.expert.severity", "_ws.expert.message", "_ws.malformed"]).map((fields) => {
    const severities = fields["_ws.expert.severity"]!.split(",").filter((severity) => Number(severity) >= warning);
    return severities.length > 0 || fields["_ws.malformed"] !== "" ? Object.values(fields).join(" ") : "";
  });

/** PI_WARN of tshark's expert infos. */
const warning = 0x600000;

/** One line a packet, sequence numbers as they are. */
export const tcpdumpLines = (packets: readonly Uint8Array[], options: readonly string[] = []): string[] =>
  withCapture(packets, (file) =>
    run("tcpdump", ["-n", "-t", "-S", ...options, "-r", file])
      .split("\n")
      .filter((line) => /^\S/.test(line)),
  );
