import { readFouPorts } from "../dump/fou-ports.ts";
import { defineCommand, type OptionSpec } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { integer, oneOf } from "../framework/values.ts";

const directions = ["in", "out", "inout"] as const;

const options = {
  read: {
    flag: "--read",
    short: "-r",
    value: "FILE",
    description: "read this pcap or pcapng file; - is standard input",
    complete: "file",
  },
  write: {
    flag: "--write",
    short: "-w",
    value: "FILE",
    description:
      "write the packets to this file in place of printing them: as pcapng, or as pcap where its name ends so; - is standard output",
    complete: "file",
  },
  interface: {
    flag: "--interface",
    short: "-i",
    value: "DEVICE",
    description: "print what this interface receives and sends, until Ctrl-C; any is all of them",
    complete: "device",
  },
  ring: {
    flag: "--ring",
    value: "NAME",
    description:
      "print what a pval device copies, until Ctrl-C: pval0, pval0-rx for a direction, or pval0-rx-cpu-0 for a single ring",
    complete: "device",
  },
  netns: {
    flag: netnsOption.flag,
    value: netnsOption.value,
    description: "the network namespace of the interface or the pval device",
    complete: netnsOption.complete,
  },
  promiscuous: {
    flag: "--no-promiscuous-mode",
    short: "-p",
    description: "do not ask the interface for packets to others",
  },
  buffer: {
    flag: "--buffer-size",
    short: "-B",
    value: "KIB",
    description: "room for packets in the kernel before it loses some; 16384 by default",
    read: integer(512, 1 << 21),
  },
  count: {
    flag: "--count",
    short: "-c",
    value: "N",
    description: "end after so many packets",
    read: integer(1, 2 ** 53),
  },
  numeric: {
    flag: "--numeric",
    short: "-n",
    repeats: true,
    description: "addresses and ports as numbers: they always are",
  },
  link: { flag: "--link", short: "-e", description: "print the link-layer header too" },
  verbose: {
    flag: "--verbose",
    short: "-v",
    repeats: true,
    description: "print more: IP headers and options, checksums; twice and thrice for even more",
  },
  quick: { flag: "--quick", short: "-q", repeats: true, description: "print less" },
  time: {
    flag: "--time",
    short: "-t",
    repeats: true,
    description:
      "once: no time; twice: seconds since 1970; three times: since the last packet; four: with the date; five: since the first packet",
  },
  nano: { flag: "--nano", description: "nine digits of a second in place of six" },
  absolute: {
    flag: "--absolute-tcp-sequence-numbers",
    short: "-S",
    description: "print TCP's sequence numbers as they are, not relative to the first",
  },
  lineBuffered: {
    flag: "--line-buffered",
    short: "-l",
    description: "write lines when their packets come: that is always so",
  },
  packetBuffered: {
    flag: "--packet-buffered",
    short: "-U",
    description: "write packets to a file when they come: that is always so",
  },
  number: { flag: "--number", short: "-#", description: "number the packets" },
  hex: {
    flag: "--hex",
    short: "-x",
    repeats: true,
    description: "print the bytes; twice with the link-layer header",
  },
  characters: {
    flag: "--hex-and-characters",
    short: "-X",
    repeats: true,
    description: "print the bytes and their characters; twice with the link-layer header",
  },
  ascii: {
    flag: "--ascii",
    short: "-A",
    repeats: true,
    description: "print the bytes as characters; twice with the link-layer header",
  },
  snapLength: {
    flag: "--snapshot-length",
    short: "-s",
    value: "BYTES",
    description: "look at no more of a packet; 0 is all of it",
    read: integer(0, 1 << 24),
  },
  direction: {
    flag: "--direction",
    short: "-Q",
    value: directions.join("|"),
    description: "only packets that went this way, where the capture says it",
    complete: directions,
    read: oneOf(...directions),
  },
  fields: {
    flag: "--fields",
    value: "NAME,…",
    description: "print these fields alone, parted by tabs, by their names in tshark: ip.src,tcp.dstport",
  },
  fou: {
    flag: "--fou",
    value: "PORT[=ip|ipip|ipv6|gre],…",
    description: "UDP to this port carries IP packets, or what is named, without a header between (FOU)",
    read: readFouPorts,
  },
  one: {
    flag: "--one",
    description: "print the line of pval's sample tool: time, Ethernet addresses and type, IPv4 addresses",
  },
} as const satisfies Record<string, OptionSpec>;

export const dump = defineCommand({
  name: "dump",
  summary:
    "print packets of an interface, a capture or a pval device's rings, as tcpdump does, with marks and IOAM traces",
  description: [
    "The line of a packet is tcpdump's for what tcpdump knows, and so are the flags. Addresses and ports are never looked up in tables of names, so -n changes nothing. With -v marks are printed, `options (pval cpu 0, seq 46)`, and IOAM options; with -vv every node's entry of a trace.",
    "A pval device copies packets into rings, one for each direction and CPU. With --ring they are printed in the order of their times, as far as they come within a millisecond; each ring is an interface of the capture, and what did not fit into one counts as dropped there.",
    "A file that is cut or damaged is printed as far as it can be read, a note says where that ends, and the exit status is 1.",
    "Of 802.11 and radiotap only the outer header is printed. Most adapters hand over fake Ethernet frames in their place, as long as they are not in monitor mode.",
  ],
  options,
  words: {
    value: "FILTER",
    description:
      "only packets that pass it, in the language of pcap-filter(7); libpcap translates it, where it is installed",
  },
  withoutPins: true,
  examples: [
    "hopmark dump -ni eth0 icmp",
    "hopmark dump -r capture.pcapng",
    "hopmark dump -nevv -r capture.pcap -c 10",
    "hopmark dump -n --ring pval0 -w copies.pcapng",
    "hopmark dump -r capture.pcapng --json",
    "hopmark dump -r capture.pcap -w short.pcapng tcp port 443 and host 10.0.0.2",
  ],
  run: async (input, { output, signal, needRights }) => {
    if (input.interface !== undefined) await needRights(["CAP_NET_RAW"]);
    if (input.ring !== undefined) {
      await needRights(["CAP_BPF", "CAP_NET_ADMIN"]);
      const { requirePins } = await import("../reap.ts");
      requirePins();
    }
    const { runDump } = await import("../dump/run-dump.ts");
    return runDump(input, output, signal);
  },
});
