import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { integer, oneOf, seconds } from "../framework/values.ts";

const hooks = ["auto", "tc", "xdp"] as const;
const readHook = oneOf(...hooks);

export const impair = defineCommand({
  name: "impair",
  summary: "lose, double, reorder, delay or hold packets of an interface, by a plan that can be repeated",
  description: [
    "PATTERN says which packets: 1% each with that likelihood; every:100 the first of every hundred, every:100+7 from packet 7 on; at:3,7,20-25 these; with x5 behind 1% or every:100 five in a row. Packets are numbered from 0 in the order in which they come, among those that match; which are hit depends on pattern, --seed and number alone.",
    "By default what the interface receives is harmed, before any program at tc sees it, IPv4 and IPv6 alike; ARP and neighbour discovery never. Loss alone is done at XDP where the driver can. A capture on the interface (tcpdump) sees packets before tc: what tc loses is in it, what was delayed is in it twice.",
    "What waits (--delay, --reorder, --buffer) waits in this process. While it holds (--buffer), the same command from elsewhere starts the next epoch (--buffer), lets the oldest epoch go (--release-one) or everything (--release-indefinite): as the plug queueing discipline does.",
    "It ends with Ctrl-C; what waits then is sent, and what was done is listed: packets by number, and the marks (cpu, seq) of those that carry one. Nothing is pinned: a process that is killed leaves the interface as it was, but for kernels without TCX (before 6.6), which keep its filters: then the command says so, and --clear takes them off. Without anything to do it shows what the process that runs has done.",
  ],
  positionals: { device: { value: "DEVICE", description: "the interface", complete: "device" } },
  options: {
    loss: { flag: "--loss", value: "PATTERN", description: "these do not arrive" },
    duplicate: { flag: "--duplicate", value: "PATTERN", description: "these arrive twice" },
    reorder: { flag: "--reorder", value: "PATTERN", description: "these are held back for later ones" },
    behind: {
      flag: "--behind",
      value: "N",
      description: "reorder: until so many later ones have come, 3 without it; at the latest after 200 ms",
      read: integer(1, 100_000),
    },
    delay: { flag: "--delay", value: "TIME[@PATTERN]", description: "these arrive later: 20ms, 500us, 20ms@1%" },
    jitter: { flag: "--jitter", value: "TIME", description: "delay: by so much more or less" },
    buffer: { flag: "--buffer", description: "hold everything; when it does already, start the next epoch" },
    releaseOne: { flag: "--release-one", description: "let the oldest epoch of what is held go" },
    releaseIndefinite: { flag: "--release-indefinite", description: "let all that is held go, and all that comes" },
    clear: {
      flag: "--clear",
      description: "take off what a process that was killed left behind: only kernels without TCX keep it",
    },
    limit: {
      flag: "--limit",
      value: "N",
      description: "hold at most so many packets, 10000 without it; more are dropped",
      read: integer(1, 10_000_000),
    },
    seed: { flag: "--seed", value: "N", description: "another choice of packets; 1 without it" },
    match: {
      flag: "--match",
      value: "WORD[,WORD]…",
      description: "which packets count: ipv4, ipv6, tcp, udp, icmp, icmpv6, proto:N, port:N, marked",
    },
    egress: { flag: "--egress", description: "harm what the interface sends" },
    hook: {
      flag: "--hook",
      value: hooks.join("|"),
      description: "where; auto takes XDP for loss alone where it can",
      complete: hooks,
      read: readHook,
    },
    seconds: { flag: "--seconds", value: "N", description: "end after so long; else Ctrl-C ends it", read: seconds },
    netns: netnsOption,
  },
  examples: [
    "hopmark impair eth0 --loss 1% --seed 7",
    "hopmark impair eth0 --reorder every:100 --behind 5 --match udp,port:9 --json",
    "hopmark impair eth0 --delay 20ms --jitter 5ms",
    "hopmark impair eth0 --release-one",
  ],
  needs: ["CAP_BPF", "CAP_NET_ADMIN", "CAP_NET_RAW"],
  withoutPins: true,
  run: async (input, context) => {
    const { runImpair } = await import("../impair/run-impair.ts");
    await runImpair(input, context);
  },
});
