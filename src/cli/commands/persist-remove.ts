import { defineCommand } from "../framework/command.ts";

export const persistRemove = defineCommand({
  name: "persist remove",
  summary: "let no IOAM and no pval device come back after a reboot",
  description: ["Takes away what `hopmark persist install` wrote. What is in force stays so until a reboot."],
  options: {
    root: { flag: "--root", value: "DIRECTORY", description: "remove below this directory", complete: "file" },
  },
  run: async ({ root }, { output }) => {
    const { uninstall } = await import("../persist/install.ts");
    const removed = uninstall(root ?? "/");
    output.print({ removed }, (value) => value.removed.map((path) => `${path}: removed`).join("\n"));
    if (removed.length === 0 && !output.json) output.note("there was nothing to remove");
  },
});
