/** Verifies the checksum of IPv4 headers, options included. */
import { Xdp, type XdpContext } from "../../../src/kernel/context.ts";
import { perCpuArrayMap } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { array, header, u32, u64 } from "../../../src/wire/layout.ts";
import { EtherType } from "../../../src/wire/numbers.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Ipv4 } from "../../../src/wire/headers/ipv4.ts";
import { count } from "./flow.bpf.ts";
import { foldSum } from "./sum.bpf.ts";
import type { Twin } from "./twin.ts";

const Outcome = { Right: 0, Wrong: 1, NotIpv4: 2, Malformed: 3 } as const;

const counters = perCpuArrayMap(u64, { entries: 4, name: "counters" });

const HEADER_WORDS = 5;
const MAX_OPTION_WORDS = 10;
const Words = header("words", "RFC 1071", { word: array(u32, HEADER_WORDS) });
const OptionWord = header("word", "RFC 1071", { word: u32 });

const verify = (ctx: XdpContext): number => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet === null) return Outcome.Malformed;
  if (ethernet.etherType !== EtherType.Ipv4) return Outcome.NotIpv4;
  const ip = ctx.packet.at(Ipv4, Ethernet.size);
  const words = ctx.packet.at(Words, Ethernet.size);
  if (ip === null || words === null || ip.headerLength < HEADER_WORDS) return Outcome.Malformed;

  let sum = 0n;
  for (let at = 0; at < HEADER_WORDS; at++) sum += BigInt(words.word[at]!);
  const options = ip.headerLength - HEADER_WORDS;
  for (let at = 0; at < MAX_OPTION_WORDS; at++) {
    if (at === options) break;
    const option = ctx.packet.at(OptionWord, Ethernet.size + Ipv4.size + at * 4);
    if (option === null) return Outcome.Malformed;
    sum += BigInt(option.word);
  }
  return foldSum(sum) === 0xffff ? Outcome.Right : Outcome.Wrong;
};

const program = xdp(
  (ctx) => {
    const outcome = verify(ctx);
    count(counters, outcome);
    return outcome === Outcome.Right || outcome === Outcome.NotIpv4 ? Xdp.Pass : Xdp.Drop;
  },
  { name: "ip_checksum" },
);

export const ipChecksum: Twin = { program, repeat: program, maps: { counters } };
