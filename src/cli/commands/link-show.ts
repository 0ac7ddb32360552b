import { ConfigError } from "../../errors.ts";
import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { ioamRights } from "../ioam-common.ts";
import { linkText } from "../pval-text.ts";

export const linkShow = defineCommand({
  name: "link show",
  summary: "list pval devices, as ip link does",
  description: ["With -d the options and all that ip -d link tells; with -s what was marked, stripped and copied."],
  positionals: { device: { value: "NAME", description: "this one only", complete: "device", optional: true } },
  keywords: { dev: { value: "NAME", description: "the same", complete: "device", optional: true } },
  options: {
    details: { flag: "--details", short: "-d", description: "print options and details" },
    statistics: { flag: "--statistics", short: "-s", description: "print what was counted" },
    netns: netnsOption,
  },
  examples: ["hopmark link show", "hopmark -d link show pval0"],
  needs: ioamRights,
  run: async ({ device, dev, details, statistics, netns }, { output }) => {
    const { showDevices } = await import("../../mark/pval/control.ts");
    const wanted = dev ?? device;
    const all = showDevices(netns);
    const found = all.filter(({ name }) => wanted === undefined || name === wanted);
    if (wanted !== undefined && found.length === 0) {
      throw new ConfigError(`there is no pval device ${wanted}`, {
        hint: all.length === 0 ? "there is none here" : `those here are ${all.map(({ name }) => name).join(", ")}`,
      });
    }
    output.print(found, (devices) => devices.map((one) => linkText(one, { details, statistics })).join("\n"));
    if (found.length === 0 && !output.json) output.note("there is no pval device here");
  },
});
