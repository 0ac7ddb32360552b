import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { readSchemaId } from "../ioam-common.ts";
import { changeIoam6 } from "../ioam6.ts";

export const ioamSchemaDelete = defineCommand({
  name: "ioam schema delete",
  summary: "delete a schema",
  positionals: { id: { value: "ID", description: "0 to 16777214", read: readSchemaId } },
  options: { netns: netnsOption },
  needs: ["CAP_NET_ADMIN"],
  run: async ({ id, netns }, { output }) => {
    await changeIoam6(netns, (kernel) => kernel.deleteSchema(id));
    output.print({ schema: id }, () => `schema ${id} deleted`);
  },
});
