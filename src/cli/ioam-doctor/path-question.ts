/** Which nodes the words of `ioam doctor` name. */
import { hostname } from "node:os";
import { ConfigError } from "../../errors.ts";
import { labList } from "../../lab/index.ts";
import type { NodeName } from "../../mark/ioam/doctor/node-facts.ts";
import type { PathQuestion } from "../../mark/ioam/doctor/examine-path.ts";
import { addressFamily, ipv6 } from "../../wire/address.ts";
import { findNode } from "../commands/lab-exec.ts";

export interface PathInput {
  readonly from: string | undefined;
  readonly to: string;
  readonly others: readonly string[];
  readonly quiet: boolean;
  readonly watchMs: number;
}

/** How long a probe waits for its answer. */
const ANSWER_MS = 1000;

export const pathQuestion = ({ from, to, others, quiet, watchMs }: PathInput): PathQuestion => {
  if (addressFamily(to) !== "ipv6") {
    throw new ConfigError(`--to: "${to}" is not an IPv6 address, as in db02::2`);
  }
  const labs = labList();
  const start = nodeNamed(from, labs);
  const around = labs.find(({ name }) => name === start.lab)?.nodes ?? [];
  return {
    from: start,
    to: ipv6(to),
    nodes: [
      ...others.map((name) => nodeNamed(name, labs)),
      ...around.filter(({ present }) => present).map(({ node, name }) => ({ name: node, netns: name })),
    ],
    quiet,
    watchMs,
    answerMs: ANSWER_MS,
  };
};

/** A node of a lab under its short name; else the namespace that NAME, PATH or PID names. */
const nodeNamed = (
  text: string | undefined,
  labs: ReturnType<typeof labList>,
): NodeName & { readonly lab?: string } => {
  if (text === undefined) return { name: hostname(), netns: undefined };
  const isNode = labs.some(({ name, nodes }) => nodes.some(({ node }) => text === node || text === `${name}-${node}`));
  if (!isNode) return { name: text, netns: text };
  const { lab, node } = findNode(text, labs);
  return { name: node, netns: `${lab}-${node}`, lab };
};
