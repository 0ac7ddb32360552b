import { ConfigError, HopmarkError } from "../../errors.ts";
import { defineCommand } from "../framework/command.ts";
import { runChild } from "../run-child.ts";

export const labExec = defineCommand({
  name: "lab exec",
  summary: "run a program on a node of a lab",
  description: [
    "Only the network namespace is entered: files, /sys and process ids stay those outside, so pins made there last. The exit status is that of the program.",
  ],
  positionals: {
    node: { value: "NODE", description: "a node of the only lab that has it, or LAB-NODE" },
  },
  rest: { value: "COMMAND [ARG...]", description: "the program and its arguments" },
  examples: ["hopmark lab exec athos -- ping db02::2", "hopmark lab exec mine-left -- bash"],
  needs: ["CAP_SYS_ADMIN"],
  run: async (input) => {
    const [file, ...args] = input.rest;
    if (file === undefined) {
      throw new ConfigError("lab exec: say which program to run", {
        hint: `hopmark lab exec ${input.node} -- ping db02::2`,
      });
    }
    const { labList, spawnOnNode } = await import("../../lab/index.ts");
    const { lab, node } = findNode(input.node, labList());
    return runChild(() => spawnOnNode(lab, node, file, args, { stdio: "inherit" }), file);
  },
});

interface Lab {
  readonly name: string;
  /** Null: it stays until it is taken down. */
  readonly owner: object | null;
  readonly nodes: readonly { readonly node: string }[];
}

/** A lab that was built to stay goes before those that demos and tests make for a moment. */
const preferLasting = <T extends { readonly lasting: boolean }>(found: readonly T[]): readonly T[] =>
  found.some(({ lasting }) => lasting) ? found.filter(({ lasting }) => lasting) : found;

/** The lab and node that NODE or LAB-NODE means. */
export const findNode = (text: string, labs: readonly Lab[]): { readonly lab: string; readonly node: string } => {
  const all = labs.flatMap((lab) =>
    lab.nodes.map(({ node }) => ({ lab: lab.name, node, lasting: lab.owner === null })),
  );
  const full = all.filter(({ lab, node }) => `${lab}-${node}` === text);
  const found = full.length > 0 ? full : preferLasting(all.filter(({ node }) => node === text));
  const [only, another] = found;
  if (only !== undefined && another === undefined) return { lab: only.lab, node: only.node };
  if (only !== undefined) {
    throw new ConfigError(`several labs have a node ${text}`, {
      hint: `say which: ${found.map(({ lab, node }) => `${lab}-${node}`).join(", ")}`,
    });
  }
  throw new HopmarkError("no-lab", `no lab has a node ${text}`, {
    hint: labs.length === 0 ? "build one first: hopmark lab up" : "`hopmark lab list` lists them",
  });
};
