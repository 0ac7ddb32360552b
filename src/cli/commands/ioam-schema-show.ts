import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { readIoam6, schemaText, shownSchema } from "../ioam6.ts";

export const ioamSchemaShow = defineCommand({
  name: "ioam schema show",
  summary: "list the node's schemas",
  options: { netns: netnsOption },
  run: async ({ netns }, { output }) => {
    const found = await readIoam6(netns, (kernel) =>
      kernel
        .schemas()
        .toSorted((a, b) => a.id - b.id)
        .map(shownSchema),
    );
    output.print(found, (all) => all.map(schemaText).join("\n"));
  },
});
