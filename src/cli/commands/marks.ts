import { devicesBy } from "../../follow/marks/devices-by.ts";
import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { oneOf, seconds } from "../framework/values.ts";

const readBy = oneOf(...devicesBy);

export const marks = defineCommand({
  name: "marks",
  summary: "say what became of marked IPv4 packets: lost, doubled, reordered, delayed; live or from captures",
  description: [
    "A mark (pval) numbers the packets of one device and CPU: a gap is a loss, a number twice a duplicate of the network, a number after a higher one a reordered packet. TCP segments that were sent again carry new marks and are counted apart.",
    "With a DEVICE it follows what the interface receives; the kernel tells of every packet, and those that could not be told of are counted. It looks after the programs that were at tc before it: behind `hopmark impair`, and behind what takes marks off, which it then does not see. With --from it also sees what is sent at another interface of this host: exactly what was lost, also at the end, and one-way delays by one clock.",
    "With --ring it reads what a pval device copies in place of looking at packets itself: also what marks were taken off, since copies are made before. --from-ring NAME are the sender's copies then.",
    "With -r it reads a pcap or pcapng file. With --sent, a capture of the sender, it matches packets by their marks: which were lost, of which flow, and the one-way delay of each. Such delays hold the difference between the two clocks, which captures do not tell; say what it is at most with --clock-error.",
  ],
  positionals: {
    device: { value: "DEVICE", description: "the interface", complete: "device", optional: true },
  },
  options: {
    read: {
      flag: "--read",
      short: "-r",
      value: "FILE",
      description: "read this capture; - is standard input",
      complete: "file",
    },
    sent: { flag: "--sent", value: "FILE", description: "with -r: the capture of the sender", complete: "file" },
    clockError: {
      flag: "--clock-error",
      value: "TIME",
      description: "with --sent: the two clocks differ by so much at most: 50us",
    },
    each: { flag: "--each", description: "a line for each packet that was seen at both ends: its mark and its delay" },
    from: {
      flag: "--from",
      value: "DEVICE",
      description: "live: the sender's interface, in --from-netns",
      complete: "device",
    },
    fromNetns: {
      flag: "--from-netns",
      value: "NAME|PATH|PID",
      description: "the network namespace of --from or --from-ring; that of DEVICE or --ring without it",
      complete: "netns",
    },
    ring: {
      flag: "--ring",
      value: "NAME",
      description: "live: what a pval device copies: pval0-rx, pval0-tx-cpu-1, or pval0 for all it has",
      complete: "device",
    },
    fromRing: {
      flag: "--from-ring",
      value: "NAME",
      description: "with --ring: the sender's copies, in --from-netns",
      complete: "device",
    },
    egress: { flag: "--egress", description: "live: follow what the interface sends" },
    by: {
      flag: "--by",
      value: devicesBy.join("|"),
      description:
        "what tells devices that mark apart: their MAC address (on one link; the default), the packets' source address (the default with --sent and --from), or nothing",
      complete: devicesBy,
      read: readBy,
    },
    seconds: {
      flag: "--seconds",
      value: "N",
      description: "live: end after so long; else Ctrl-C ends it",
      read: seconds,
    },
    netns: netnsOption,
  },
  examples: [
    "hopmark marks eth0",
    "hopmark marks --ring pval0-rx --netns pair-right --from-ring pval0-tx --from-netns pair-left",
    "hopmark marks -r aramis.pcapng --sent athos.pcapng --clock-error 50us --json",
    "hopmark marks east --netns pair-east --from west --from-netns pair-west",
  ],
  withoutPins: true,
  run: async (input, context) => {
    const { runMarks } = await import("../marks/run-marks.ts");
    return runMarks(input, context);
  },
});
