import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { readData32, readData64, readNamespaceId, readSchemaId } from "../ioam-common.ts";
import { changeIoam6 } from "../ioam6.ts";

export const ioamNamespaceAdd = defineCommand({
  name: "ioam namespace add",
  summary: "make the node a member of an IOAM namespace",
  description: ["Namespaces are kept by the kernel and are the same for its own IOAM and for Hopmark's programs."],
  positionals: { id: { value: "ID", description: "0 to 65535", read: readNamespaceId } },
  keywords: {
    data: { value: "DATA", description: "32 bits that the node writes for bit 5", optional: true, read: readData32 },
    wide: { value: "DATA", description: "64 bits that the node writes for bit 10", optional: true, read: readData64 },
    schema: {
      value: "SCHEMA",
      description: "the schema whose data it writes for bit 22",
      optional: true,
      read: readSchemaId,
    },
  },
  options: { netns: netnsOption },
  examples: ["hopmark ioam namespace add 123 data 0xdeadbeef"],
  needs: ["CAP_NET_ADMIN"],
  run: async ({ id, data, wide, schema, netns }, { output }) => {
    await changeIoam6(netns, (kernel) =>
      kernel.addNamespace({
        id,
        ...(data !== undefined && { data }),
        ...(wide !== undefined && { dataWide: wide }),
        ...(schema !== undefined && { schema }),
      }),
    );
    output.print({ namespace: id }, () => `namespace ${id} added`);
  },
});
