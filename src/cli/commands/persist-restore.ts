import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { ExitStatus } from "../framework/exit-status.ts";
import { seconds } from "../framework/values.ts";
import { ioamRights } from "../ioam-common.ts";

export const persistRestore = defineCommand({
  name: "persist restore",
  summary: "make the IOAM configuration and the pval devices that a file holds",
  description: [
    "What is there already stays as it is, so restoring twice changes nothing; what the file does not name stays too. The exit status is 1 when a line could not be made; the others are made all the same.",
  ],
  positionals: {
    file: {
      value: "FILE",
      description: "as `hopmark persist` prints it; /etc/hopmark/ioam.conf when not given",
      optional: true,
      complete: "file",
    },
  },
  options: {
    netns: netnsOption,
    wait: {
      flag: "--wait",
      value: "SECONDS",
      description: "wait for so long for interfaces that are not there yet",
      read: seconds,
    },
  },
  examples: ["hopmark persist restore ioam.conf"],
  needs: ioamRights,
  run: async ({ file, netns, wait }, context) => {
    const { runRestore } = await import("../persist/run-restore.ts");
    const ok = await runRestore({ file, netns, waitMs: (wait ?? 0) * 1000 }, context);
    return ok ? ExitStatus.Ok : ExitStatus.Failed;
  },
});
