import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { ioamRights } from "../ioam-common.ts";

export const persist = defineCommand({
  name: "persist",
  summary: "print IOAM and pval devices as they are, as `persist restore` takes them",
  description: [
    "pval devices, IOAM's namespaces, schemas, encapsulation rules, transit nodes and sinks, and the kernel's IOAM sysctls, one a line. What Hopmark sets up stays until a reboot; `hopmark persist install` lets it come back after one.",
  ],
  options: { netns: netnsOption },
  examples: ["hopmark persist > ioam.conf"],
  needs: ioamRights,
  run: async ({ netns }, { output }) => {
    const [{ presentLines }, { configurationText }] = await Promise.all([
      import("../persist/present-lines.ts"),
      import("../persist/install.ts"),
    ]);
    const lines = await presentLines(netns);
    output.print({ lines }, (value) => configurationText(value.lines));
    if (lines.length === 0 && !output.json) output.note("neither IOAM nor a pval device is set up here");
  },
});
