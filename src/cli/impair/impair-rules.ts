/** The options of `hopmark impair` as rules. */
import { ConfigError } from "../../errors.ts";
import { parsePattern, type Pattern } from "../../lab/impair/pattern.ts";
import type { ImpairRules, Match } from "../../lab/impair/rules.ts";
import { IpProtocol } from "../../wire/numbers.ts";

export interface ImpairWords {
  readonly loss: string | undefined;
  readonly duplicate: string | undefined;
  readonly reorder: string | undefined;
  readonly behind: number | undefined;
  readonly delay: string | undefined;
  readonly jitter: string | undefined;
  readonly buffer: boolean;
  readonly limit: number | undefined;
  readonly seed: string | undefined;
  readonly match: string | undefined;
}

const BEHIND = 3;
const LIMIT = 10_000;

export const rulesOf = (words: ImpairWords): ImpairRules => {
  const { behind, jitter, limit } = words;
  if (behind !== undefined && words.reorder === undefined) throw onlyWith("--behind", "--reorder");
  if (jitter !== undefined && words.delay === undefined) throw onlyWith("--jitter", "--delay");
  if (limit !== undefined && !words.buffer) throw onlyWith("--limit", "--buffer");
  const reorder = pattern(words.reorder);
  return {
    seed: seedOf(words.seed ?? "1"),
    match: matchOf(words.match),
    loss: pattern(words.loss),
    duplicate: pattern(words.duplicate),
    reorder: reorder === null ? null : { pattern: reorder, by: behind ?? BEHIND },
    delay: words.delay === undefined ? null : delayOf(words.delay, jitter),
    hold: words.buffer ? { limit: limit ?? LIMIT } : null,
  };
};

const onlyWith = (option: string, other: string): ConfigError =>
  new ConfigError(`${option} says more about ${other}, which is not there`, { hint: `add ${other}` });

const pattern = (text: string | undefined): Pattern | null => (text === undefined ? null : parsePattern(text));

const seedOf = (text: string): bigint => {
  const seed = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : -1n;
  if (seed >= 0n && seed < 1n << 64n) return seed;
  throw new ConfigError(`--seed: "${text}" is not a whole number of 64 bits`);
};

const delayOf = (text: string, jitter: string | undefined): NonNullable<ImpairRules["delay"]> => {
  const [time = "", which = "100%"] = text.split("@");
  const delayNs = timeNs("--delay", time);
  const jitterNs = jitter === undefined ? 0 : timeNs("--jitter", jitter);
  if (jitterNs > delayNs)
    throw new ConfigError(`--jitter ${jitter} is more than --delay ${time}: packets would arrive before they came`);
  return { pattern: parsePattern(which), delayNs, jitterNs };
};

const units: Readonly<Record<string, number>> = { us: 1e3, ms: 1e6, s: 1e9 };
const MOST_NS = 60e9;

const timeNs = (option: string, text: string): number => {
  const found = /^(\d+(?:\.\d+)?)(us|ms|s)$/.exec(text);
  const time = found === null ? 0 : Math.round(Number(found[1]) * units[found[2]!]!);
  if (time > 0 && time <= MOST_NS) return time;
  throw new ConfigError(`${option}: "${text}" is not a time above 0 and at most 60s`, { hint: "write 20ms or 500us" });
};

const protocols: Readonly<Record<string, number>> = {
  tcp: IpProtocol.Tcp,
  udp: IpProtocol.Udp,
  icmp: IpProtocol.Icmp,
  icmpv6: IpProtocol.Icmpv6,
};

const matchOf = (text: string | undefined): Match => {
  let match: Match = { family: "any", protocol: null, port: null, marked: false };
  for (const word of text === undefined ? [] : text.split(",")) {
    const number = /^(port|proto):(\d+)$/.exec(word);
    const most = number?.[1] === "port" ? 0xffff : 0xff;
    if (word === "ipv4" || word === "ipv6") match = { ...match, family: word };
    else if (word === "marked") match = { ...match, marked: true };
    else if (protocols[word] !== undefined) match = { ...match, protocol: protocols[word] };
    else if (number !== null && Number(number[2]) <= most)
      match = { ...match, [number[1] === "port" ? "port" : "protocol"]: Number(number[2]) };
    else
      throw new ConfigError(`--match: "${word}" names no packets`, {
        hint: "write ipv4, ipv6, tcp, udp, icmp, icmpv6, proto:N, port:N or marked, with commas between",
      });
  }
  if (match.marked && match.family === "ipv6") throw new ConfigError("--match: IPv6 packets carry no mark");
  return match;
};
