import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { readNamespaceId } from "../ioam-common.ts";
import { changeIoam6 } from "../ioam6.ts";

export const ioamNamespaceDelete = defineCommand({
  name: "ioam namespace delete",
  summary: "take the node out of an IOAM namespace",
  positionals: { id: { value: "ID", description: "0 to 65535", read: readNamespaceId } },
  options: { netns: netnsOption },
  needs: ["CAP_NET_ADMIN"],
  run: async ({ id, netns }, { output }) => {
    await changeIoam6(netns, (kernel) => kernel.deleteNamespace(id));
    output.print({ namespace: id }, () => `namespace ${id} deleted`);
  },
});
