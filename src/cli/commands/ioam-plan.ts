import { ConfigError } from "../../errors.ts";
import { defineCommand } from "../framework/command.ts";
import { ExitStatus } from "../framework/exit-status.ts";
import { integer, oneOf } from "../framework/values.ts";
import { readTraceType } from "../ioam-common.ts";

/** What a hop limit can count. */
const MAX_HOPS = 255;
const MAX_SCHEMA_WORDS = 255;

const tunnels = ["none", "ipip", "gre", "fou", "gue", "geneve"] as const;
const modes = ["inline", "encap", "auto"] as const;
const families = ["ipv6", "ipv4"] as const;

const readMode = oneOf(...modes);
const readTunnel = oneOf(...tunnels);
const readFamily = oneOf(...families);

export const ioamPlan = defineCommand({
  name: "ioam plan",
  summary:
    "calculate what a trace, or Direct Export, costs: size to ask for, bytes in each packet, MTU and TCP segment that are left",
  description: [
    "Nothing is looked at or changed. Count every node that writes: the encapsulating one, the routers and the sink. The exit status is 1 when the nodes' data does not fit, or when the MTU that is left is too small for IPv6.",
  ],
  options: {
    type: {
      flag: "--type",
      value: "TYPE",
      description: "the trace type, 24 bits, as in 0xfe0000",
      read: readTraceType,
    },
    hops: { flag: "--hops", value: "N", description: "nodes that write into the trace", read: integer(1, MAX_HOPS) },
    size: {
      flag: "--size",
      value: "BYTES",
      description: "room for the data of all nodes; what the nodes need when not given",
      read: integer(4, 1 << 16),
    },
    mode: {
      flag: "--mode",
      value: "inline|encap|auto",
      description: "how the header is inserted; auto is counted as encap, which is longer; inline when not given",
      complete: modes,
      read: readMode,
    },
    tunnel: {
      flag: "--tunnel",
      value: "KIND",
      description: "a tunnel that traced packets pass: ipip, gre, fou, gue or geneve; none when not given",
      complete: tunnels,
      read: readTunnel,
    },
    outer: {
      flag: "--outer",
      value: "ipv6|ipv4",
      description: "the tunnel's outer header; ipv6 when not given",
      complete: families,
      read: readFamily,
    },
    mtu: {
      flag: "--mtu",
      value: "BYTES",
      description: "the smallest MTU of the path's links; 1500 when not given",
      read: integer(1280, 65535),
    },
    dex: { flag: "--dex", description: "with Direct Export in place of a trace: nodes report, on any number of hops" },
    e2e: { flag: "--e2e", description: "number the packets, too: with an Edge-to-Edge option" },
    schemaWords: {
      flag: "--schema-words",
      value: "N",
      description: "4-byte words of the longest schema on the path, for bit 22; 0 when not given",
      read: integer(0, MAX_SCHEMA_WORDS),
    },
  },
  examples: [
    "hopmark ioam plan --type 0xfe0000 --hops 5",
    "hopmark ioam plan --type 0xfe0000 --hops 5 --tunnel gue --mtu 9000",
    "hopmark ioam plan --type 0xfe0000 --dex",
  ],
  run: async (input, { output }) => {
    const { type, hops = input.dex ? 1 : undefined } = input;
    if (type === undefined || hops === undefined) {
      throw new ConfigError(`ioam plan: ${type === undefined ? "--type TYPE" : "--hops N"} is missing`, {
        hint: "as in: hopmark ioam plan --type 0xfe0000 --hops 5",
      });
    }
    const [{ makePlan }, { planText }] = await Promise.all([
      import("../plan/make-plan.ts"),
      import("../plan/plan-text.ts"),
    ]);
    const plan = makePlan({ ...input, type, hops });
    output.print(plan, (value, style) => planText(value, style, output.columns));
    return plan.ok ? ExitStatus.Ok : ExitStatus.Failed;
  },
});
