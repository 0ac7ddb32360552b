import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { ioamRights } from "../ioam-common.ts";
import { readKind } from "../pval-common.ts";

export const linkDelete = defineCommand({
  name: "link delete",
  summary: "remove a pval device, and put back what it changed",
  description: [
    "The interface below has its packets to itself again, is no longer promiscuous unless it was before, and, in place, has its MTU and offloads back. What a dead command left of a device goes as well.",
  ],
  positionals: { device: { value: "NAME", description: "the device", complete: "device", optional: true } },
  keywords: {
    dev: { value: "NAME", description: "the same", complete: "device", optional: true },
    type: { value: "pval", description: "as ip link takes it", read: readKind, optional: true },
  },
  options: { netns: netnsOption },
  examples: ["hopmark link del pval0"],
  needs: ioamRights,
  run: async ({ device, dev, netns }, { output }) => {
    const name = dev ?? device;
    if (name === undefined) {
      const { ConfigError } = await import("../../errors.ts");
      throw new ConfigError("link delete: NAME is missing", { hint: "hopmark link show lists the devices" });
    }
    const { deletePval } = await import("../../mark/pval/control.ts");
    deletePval(name, netns);
    output.print({ name }, () => `${name}: no pval any more`);
  },
});
