import { realpathSync } from "node:fs";
import { defineCommand } from "../framework/command.ts";
import { ioamRights } from "../ioam-common.ts";

export const persistInstall = defineCommand({
  name: "persist install",
  summary: "let IOAM and pval devices as they are come back after each reboot",
  description: [
    "Writes it to /etc/hopmark/ioam.conf, and a systemd unit, hopmark-persist.service, that restores it when the network is up; where transit has next-hop tables, also hopmark-watch.service, which keeps them (`hopmark ioam transit watch`). Run it again after a change; `hopmark persist remove` takes all of it away.",
    "It is about the network namespace it is run in; that of a boot is the host's. `hopmark persist restore --netns` restores a file in another one.",
  ],
  options: {
    root: {
      flag: "--root",
      value: "DIRECTORY",
      description: "write below this directory, as of an image",
      complete: "file",
    },
  },
  needs: ioamRights,
  run: async ({ root }, { output }) => {
    const [{ presentLines }, { install, UNIT_NAME, WATCH_NAME }] = await Promise.all([
      import("../persist/present-lines.ts"),
      import("../persist/install.ts"),
    ]);
    const program = [process.execPath, realpathSync(process.argv[1] ?? "")] as const;
    const installed = install(root ?? "/", await presentLines(undefined), program);
    output.print(installed, ({ configuration, unit, watch, lines }) =>
      [
        `${configuration}: ${lines} ${lines === 1 ? "line" : "lines"}`,
        `${unit}: restores it at each boot`,
        ...(watch === null ? [] : [`${watch}: keeps the next-hop tables`]),
      ].join("\n"),
    );
    const units = installed.watch === null ? UNIT_NAME : `${UNIT_NAME} ${WATCH_NAME}`;
    if (!output.json) output.note(`to try it now: systemctl daemon-reload && systemctl start ${units}`);
  },
});
