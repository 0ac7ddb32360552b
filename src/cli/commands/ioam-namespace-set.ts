import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { readNamespaceId, readSchemaId } from "../ioam-common.ts";
import { changeIoam6 } from "../ioam6.ts";

export const ioamNamespaceSet = defineCommand({
  name: "ioam namespace set",
  summary: "say which schema's data the node writes in a namespace",
  positionals: { id: { value: "ID", description: "the namespace", read: readNamespaceId } },
  keywords: {
    schema: {
      value: "SCHEMA|none",
      description: "the schema, or none",
      complete: ["none"],
      read: (text: string) => (text === "none" ? null : readSchemaId(text)),
    },
  },
  options: { netns: netnsOption },
  needs: ["CAP_NET_ADMIN"],
  run: async ({ id, schema, netns }, { output }) => {
    await changeIoam6(netns, (kernel) => kernel.setSchema(id, schema ?? undefined));
    output.print({ namespace: id, schema }, () => `namespace ${id}: schema ${schema ?? "none"}`);
  },
});
