import type { NextHopChange } from "../../mark/ioam/control.ts";
import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { seconds } from "../framework/values.ts";
import { deviceWord, ioamRights } from "../ioam-common.ts";

export const ioamTransitWatch = defineCommand({
  name: "ioam transit watch",
  summary: "keep the next-hop tables of transit nodes at XDP",
  description: [
    "Hears over netlink what changes in routes, neighbours, rules and interfaces, and keeps the tables of `transit add --xdp --next-hops` true. Each is believed for two seconds at a time: when this command ends, is stopped or cannot keep up, the programs ask the kernel, and no packet goes a wrong way. Neighbours that only XDP sends to are confirmed, as the stack would.",
    "Left to the kernel are destinations with several next hops, next-hop objects, encapsulations or conditions on the source, and everything when there are routing rules besides the kernel's own two.",
  ],
  keywords: { dev: { ...deviceWord, description: "this interface only", optional: true } },
  options: {
    netns: netnsOption,
    seconds: { flag: "--seconds", value: "N", description: "end after so long; else Ctrl-C ends it", read: seconds },
  },
  examples: ["hopmark ioam transit watch", "hopmark ioam transit watch dev eth0"],
  needs: ioamRights,
  run: async ({ dev, netns, seconds: limit }, { output, signal }) => {
    const [{ NextHopKeeper }, { untilEnd }] = await Promise.all([
      import("../../mark/ioam/control.ts"),
      import("../live/end.ts"),
    ]);
    const keeper = new NextHopKeeper({
      device: dev,
      netns,
      onChange: (change) => output.print(change, () => changeText(change)),
    });
    try {
      if (!output.json) output.note(`keeping next hops for ${keeper.devices.join(", ")}; Ctrl-C ends`);
      await untilEnd(signal, limit);
    } finally {
      keeper.close();
    }
  },
});

const changeText = ({ device, entries, changed, empty }: NextHopChange): string =>
  empty === undefined
    ? `${device}: ${entries} destinations, ${changed} changed`
    : `${device}: none: ${reasons[empty]}; the kernel is asked for every way`;

const reasons = {
  rules: "there are routing rules besides the kernel's own (ip -6 rule)",
  "forwarding off": "the node does not forward what comes in there (sysctl net.ipv6.conf.*.forwarding)",
} as const;
