import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights } from "../ioam-common.ts";

export const ioamShow = defineCommand({
  name: "ioam show",
  summary: "list encapsulation rules, transit nodes, exporters and sinks, with their counters",
  keywords: { dev: { ...deviceWord, description: "this interface only", optional: true } },
  options: { netns: netnsOption },
  examples: ["hopmark ioam show --netns musketeers-athos"],
  needs: ioamRights,
  run: async ({ dev, netns }, { output }) => {
    const [{ showIoam }, { statusText }] = await Promise.all([
      import("../../mark/ioam/control.ts"),
      import("../ioam-show/status-text.ts"),
    ]);
    const found = showIoam(netns).filter(({ device }) => dev === undefined || device === dev);
    output.print(found, (all, style) => all.map((one) => statusText(one, style)).join("\n"));
    if (found.length === 0 && !output.json) output.note("no IOAM of Hopmark's is set up here");
  },
});
