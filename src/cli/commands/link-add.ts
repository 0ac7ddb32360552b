import { ConfigError } from "../../errors.ts";
import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { hintIn } from "../framework/hint-place.ts";
import { ioamRights } from "../ioam-common.ts";
import { givenOptions, pvalWords, readKind, usageText } from "../pval-common.ts";

export const linkAdd = defineCommand({
  name: "link add",
  summary: "put a pval device on an interface: marks, time stamps and copies of its packets",
  description: [
    "All that LINK receives is received by the new device NAME, and all that NAME sends leaves by LINK. NAME has LINK's MAC address; addresses and routes are given to it by whoever configures interfaces. LINK becomes promiscuous, so that everything passes; `hopmark link del` puts that back.",
    "ipopt: every IPv4 packet that leaves gets an option that says which CPU numbered it, and its number. The device's MTU is 12 lower then, and the kernel cuts packets up before they reach it. strip takes marks off that packets come with.",
    "rxcopy and txcopy copy packets for `hopmark dump` while it reads; without a reader nothing is copied. rxtstamp and txtstamp choose the times in the copies.",
    "--in-place gives LINK itself these options, without a new device.",
  ],
  positionals: {
    device: { value: "NAME", description: "the new device; pval0, pval1, … without it", optional: true },
  },
  keywords: {
    name: { value: "NAME", description: "the same", optional: true },
    link: { value: "LINK", description: "the interface that it goes on", complete: "device", optional: true },
    type: { value: "pval", description: "the only kind of device that hopmark makes", read: readKind },
    ...pvalWords,
    help: { value: "help", description: "print the grammar of pval, and end", optional: true, alone: true },
  },
  options: {
    inPlace: { flag: "--in-place", description: "no new device: LINK itself gets the options" },
    stripFlag: { flag: "--strip", description: "the same as strip on" },
    netns: netnsOption,
  },
  examples: [
    "hopmark link add type pval link eth0 ipopt on",
    "hopmark link add pval7 type pval link eth0 rxcopy on txcopy on",
    "hopmark link add type pval link eth0 ipopt on --in-place",
  ],
  run: async (input, { output, needRights }) => {
    if (input.help) {
      output.print({ usage: usageText }, ({ usage }) => usage);
      return;
    }
    const { link, inPlace, netns, device, name: named } = input;
    if (link === undefined)
      throw new ConfigError("link add: link LINK is missing", { hint: "say on which interface: link eth0" });
    if (device !== undefined && named !== undefined && device !== named)
      throw new ConfigError(`the device is called ${device} and ${named}`, { hint: "give one name" });
    const name = device ?? named;
    if (inPlace && name !== undefined && name !== link)
      throw new ConfigError("--in-place makes no new device, so that it needs no name", { hint: "leave the name out" });
    await needRights(ioamRights);
    const { addPval, optionsText } = await import("../../mark/pval/control.ts");
    const report = addPval({ name, link, inPlace, options: givenOptions(input, input.stripFlag) }, netns);
    for (const remark of report.remarks) output.remark(hintIn(remark, netns));
    const { options, before } = report.note;
    output.print({ name: report.name, link, inPlace, options, before }, () =>
      inPlace
        ? `${report.name}: pval in place, ${optionsText(options)}`
        : `${report.name}: pval link ${link} ${optionsText(options)}`,
    );
  },
});
