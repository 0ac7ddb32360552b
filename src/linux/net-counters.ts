/** What the kernel counted in a network namespace: /proc/net/snmp, snmp6 and dev. */
import { readFileSync } from "node:fs";
import type { Netns } from "./netns.ts";
import { withNetns } from "./with-netns.ts";

/** By the kernel's names: `TcpInCsumErrors`, `Ip6FragCreates`, `Icmp6OutPktTooBigs`; of devices `h_athos tx_dropped`. */
export type NetCounters = ReadonlyMap<string, number>;

export const readNetCounters = (netns: Netns): NetCounters =>
  withNetns(netns, () => {
    const read = (file: string): string[] => readFileSync(`/proc/thread-self/net/${file}`, "utf8").trim().split("\n");
    return new Map([...snmp(read("snmp")), ...snmp6(read("snmp6")), ...devices(read("dev"))]);
  });

/** Lines come in pairs: `Tcp: InSegs …`, `Tcp: 17 …`. */
const snmp = (lines: readonly string[]): [string, number][] =>
  lines.flatMap((line, index) => {
    if (index % 2 === 1) return [];
    const [protocol = "", ...names] = line.split(/\s+/);
    const [, ...values] = (lines[index + 1] ?? "").split(/\s+/);
    return names.map((name, at): [string, number] => [protocol.replace(":", "") + name, Number(values[at])]);
  });

const snmp6 = (lines: readonly string[]): [string, number][] =>
  lines.map((line) => {
    const [name = "", value] = line.split(/\s+/);
    return [name, Number(value)];
  });

const columns = ["bytes", "packets", "errs", "dropped"] as const;

const devices = (lines: readonly string[]): [string, number][] =>
  lines.slice(2).flatMap((line) => {
    const [name = "", rest = ""] = line.trim().split(/:\s*/);
    const values = rest.split(/\s+/).map(Number);
    return columns.flatMap((column, at): [string, number][] => [
      [`${name} rx_${column}`, values[at] ?? NaN],
      [`${name} tx_${column}`, values[at + 8] ?? NaN],
    ]);
  });

/** What grew, and by how much; of the names that `matches`. */
export const grown = (before: NetCounters, after: NetCounters, matches: RegExp): Record<string, number> =>
  Object.fromEntries(
    [...after]
      .map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const)
      .filter(([name, value]) => matches.test(name) && value !== 0),
  );
