import { realpathSync } from "node:fs";
import { defineCommand } from "../framework/command.ts";
import { ioamRights } from "../ioam-common.ts";

export const persistInstall = defineCommand({
  name: "persist install",
  summary: "let the IOAM configuration that is in force come back after each reboot",
  description: [
    "Writes it to /etc/hopmark/ioam.conf, and a systemd unit, hopmark-persist.service, that restores it when the network is up. Run it again after a change; `hopmark persist remove` takes both away.",
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
    const [{ presentLines }, { install, UNIT_NAME }] = await Promise.all([
      import("../persist/present-lines.ts"),
      import("../persist/install.ts"),
    ]);
    const program = [process.execPath, realpathSync(process.argv[1] ?? "")] as const;
    const installed = install(root ?? "/", await presentLines(undefined), program);
    output.print(installed, ({ configuration, unit, lines }) =>
      [`${configuration}: ${lines} ${lines === 1 ? "line" : "lines"}`, `${unit}: restores it at each boot`].join("\n"),
    );
    if (!output.json) output.note(`to try it now: systemctl daemon-reload && systemctl start ${UNIT_NAME}`);
  },
});
