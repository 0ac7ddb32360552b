import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { readIoam6, namespaceText } from "../ioam6.ts";

export const ioamNamespaceShow = defineCommand({
  name: "ioam namespace show",
  summary: "list the node's IOAM namespaces",
  options: { netns: netnsOption },
  run: async ({ netns }, { output }) => {
    const found = await readIoam6(netns, (kernel) => kernel.namespaces().toSorted((a, b) => a.id - b.id));
    output.print(found, (all) => all.map(namespaceText).join("\n"));
  },
});
