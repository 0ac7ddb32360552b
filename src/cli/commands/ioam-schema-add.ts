import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { readBytes, readSchemaId } from "../ioam-common.ts";
import { changeIoam6 } from "../ioam6.ts";

export const ioamSchemaAdd = defineCommand({
  name: "ioam schema add",
  summary: "add a schema: data that a node writes as its opaque state snapshot",
  positionals: {
    id: { value: "ID", description: "0 to 16777214", read: readSchemaId },
    data: { value: "DATA", description: "text of at most 1020 bytes" },
  },
  options: {
    netns: netnsOption,
    hex: { flag: "--hex", description: "DATA is bytes in hexadecimal" },
  },
  examples: ['hopmark ioam schema add 7 "anything"', "hopmark ioam schema add 8 c0ffee00 --hex"],
  needs: ["CAP_NET_ADMIN"],
  run: async ({ id, data, netns, hex }, { output }) => {
    await changeIoam6(netns, (kernel) =>
      kernel.addSchema({ id, data: hex ? readBytes(data) : new TextEncoder().encode(data) }),
    );
    output.print({ schema: id }, () => `schema ${id} added`);
  },
});
