import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

export const ioamExportDelete = defineCommand({
  name: "ioam export delete",
  summary: "stop reporting on packets that pass an interface",
  keywords: { dev: { ...deviceWord, description: "the interface that the packets come in or go out by" } },
  options: { netns: netnsOption },
  examples: ["hopmark ioam export delete dev h_porthos_a"],
  needs: ioamRights,
  run: async ({ dev, netns }, { output }) => {
    const { deleteExport } = await import("../../mark/ioam/control.ts");
    deleteExport(targetOf(dev, netns));
    output.print({ kind: "export", device: dev }, () => `${dev}: exports no more`);
  },
});
