import { ConfigError } from "../../errors.ts";
import { defineCommand } from "../framework/command.ts";
import { oneOf } from "../framework/values.ts";

const topologies = ["musketeers", "diamonds", "pair"] as const;
const nodeNames = ["athos", "porthos", "aramis", "dartagnan", "milady"] as const;
// Not in the table: inference of its type stops at a call of a generic function.
const readTopology = oneOf(...topologies);
const readNode = oneOf(...nodeNames);
const readNodes = (text: string) => text.split(",").map(readNode);

/** ConfigError for a node that only the lab of five has. */
const musketeer = (node: (typeof nodeNames)[number]): "athos" | "porthos" | "aramis" => {
  if (node !== "dartagnan" && node !== "milady") return node;
  throw new ConfigError(`${node} is no node of the musketeers' lab`, { hint: "add --topology diamonds" });
};

export const labUp = defineCommand({
  name: "lab up",
  summary: "build a lab of network namespaces, or bring it back to what it should be",
  description: [
    "A lab is a few network namespaces, joined by veth pairs, with addresses, routes, IOAM ids and offloads set. It stays until `hopmark lab down`. The namespaces are called NAME-NODE; other programs can use them too.",
  ],
  positionals: {
    name: {
      value: "NAME",
      description: "the lab; by default the name of its topology",
      optional: true,
      complete: "lab",
    },
  },
  options: {
    topology: {
      flag: "--topology",
      value: topologies.join("|"),
      description:
        "musketeers (the default): athos - porthos - aramis, the IOAM lab; diamonds: five nodes, with two ways by porthos or milady; pair: two nodes and a link",
      complete: topologies,
      read: readTopology,
    },
    segmentation: {
      flag: "--segmentation",
      description: "leave segmentation and checksums to the links (musketeers)",
    },
    kernelIoam: {
      flag: "--kernel-ioam",
      value: "NODE[,NODE]",
      description: "let these nodes' kernels fill in the traces that arrive there (musketeers, diamonds)",
      complete: nodeNames,
      read: readNodes,
    },
  },
  examples: ["hopmark lab up", "hopmark lab up mine --topology pair"],
  needs: ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"],
  run: async (input, { output }) => {
    const lab = await import("../../lab/index.ts");
    const topology = input.topology ?? topologies.find((known) => known === input.name) ?? "musketeers";
    const name = input.name ?? topology;
    const kernelIoam = input.kernelIoam ?? [];
    const built = {
      pair: () => lab.pair(),
      diamonds: () => lab.diamonds({ kernelIoam }),
      musketeers: () => lab.musketeers({ segmentation: input.segmentation, kernelIoam: kernelIoam.map(musketeer) }),
    }[topology]();
    const changes = lab.labUp(built, name);
    const nodes = Object.keys(built.nodes).map((node) => ({ node, namespace: lab.namespaceName(name, node) }));
    output.print({ name, topology, nodes, changes }, (value) =>
      value.changes.length === 0
        ? `lab ${name} is up, nothing to change`
        : `lab ${name} is up: ${nodes.map((node) => node.namespace).join(", ")}`,
    );
    // Of a new lab nobody wants to read every address; of an old one, what had changed.
    const isNew = changes.some((change) => change.startsWith("namespace "));
    if (!output.json && !isNew) for (const change of changes) output.note(`  ${change}`);
  },
});
