import { ConfigError } from "../../errors.ts";
import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { hintIn } from "../framework/hint-place.ts";
import { ioamRights } from "../ioam-common.ts";
import { givenOptions, pvalWords, readKind, usageText } from "../pval-common.ts";

export const linkSet = defineCommand({
  name: "link set",
  summary: "change what a pval device does, while packets flow",
  description: [
    "Options that are not named stay as they are. What LINK a device is on cannot be changed. Up, down, addresses and all else of an interface are changed with ip.",
  ],
  positionals: { device: { value: "NAME", description: "the device", complete: "device", optional: true } },
  keywords: {
    dev: { value: "NAME", description: "the same", complete: "device", optional: true },
    type: { value: "pval", description: "the only kind of device that hopmark makes", read: readKind },
    link: { value: "LINK", description: "the interface it is on, said again", complete: "device", optional: true },
    ...pvalWords,
    help: { value: "help", description: "print the grammar of pval, and end", optional: true, alone: true },
  },
  options: { stripFlag: { flag: "--strip", description: "the same as strip on" }, netns: netnsOption },
  examples: ["hopmark link set dev pval0 type pval ipopt off rxcopy on"],
  run: async (input, { output, needRights }) => {
    if (input.help) {
      output.print({ usage: usageText }, ({ usage }) => usage);
      return;
    }
    const name = input.dev ?? input.device;
    if (name === undefined || (input.device !== undefined && input.dev !== undefined && input.device !== input.dev))
      throw new ConfigError("link set: dev NAME is missing, or two devices are named", {
        hint: "hopmark link show lists the devices",
      });
    await needRights(ioamRights);
    const { setPval, optionsText } = await import("../../mark/pval/control.ts");
    const report = setPval({ name, link: input.link, options: givenOptions(input, input.stripFlag) }, input.netns);
    for (const remark of report.remarks) output.remark(hintIn(remark, input.netns));
    const { options, lower, far } = report.note;
    output.print({ name, link: lower.name, options }, () =>
      far === null
        ? `${name}: pval in place, ${optionsText(options)}`
        : `${name}: pval link ${lower.name} ${optionsText(options)}`,
    );
  },
});
