/** Files that bring IOAM back after a reboot: its configuration, and a systemd unit that restores it. */
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ConfigError } from "../../errors.ts";

/** Below the root of the file system. */
export const CONFIGURATION = "/etc/hopmark/ioam.conf";
export const UNIT_NAME = "hopmark-persist.service";
const UNIT = `/etc/systemd/system/${UNIT_NAME}`;
const ENABLED = `/etc/systemd/system/multi-user.target.wants/${UNIT_NAME}`;

/** How long the unit waits for interfaces. */
const WAIT_SECONDS = 30;

export const configurationText = (lines: readonly string[]): string =>
  [
    "# IOAM as it shall be after a reboot: what `hopmark persist restore` makes, in this order.",
    "# Written by `hopmark persist`. Each line but sysctl is a command of hopmark's.",
    ...lines,
    "",
  ].join("\n");

/** What starts Hopmark: Node.js and the script, both by their full paths. */
export const unitText = (program: readonly [node: string, script: string]): string => `[Unit]
Description=IOAM configuration of hopmark persist
Documentation=man:systemd.service(5)
ConditionPathExists=${CONFIGURATION}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${program.map(quoted).join(" ")} persist restore --wait ${WAIT_SECONDS}

[Install]
WantedBy=multi-user.target
`;

/** As systemd reads a word of a command line (systemd.service(5)). */
const quoted = (word: string): string => {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /[\s"'\\]/.test(escaped) ? `"${escaped.replaceAll(/["\\]/g, String.raw`\$&`)}"` : escaped;
};

export interface Installed {
  readonly configuration: string;
  readonly unit: string;
  readonly lines: number;
}

/** Writes and enables them below `root`. ConfigError when what runs now will not be there after a reboot. */
export const install = (root: string, lines: readonly string[], program: readonly [string, string]): Installed => {
  const [, script] = program;
  if (/\/_npx\//.test(script)) {
    throw new ConfigError(`${script} is npx's own copy, which may be gone at the next boot`, {
      hint: "install Hopmark for all users first: npm install -g hopmark",
    });
  }
  write(join(root, CONFIGURATION), configurationText(lines));
  write(join(root, UNIT), unitText(program));
  const link = join(root, ENABLED);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(UNIT, link);
  return { configuration: join(root, CONFIGURATION), unit: join(root, UNIT), lines: lines.length };
};

/** Takes them away; returns those that were there. */
export const uninstall = (root: string): string[] =>
  [ENABLED, UNIT, CONFIGURATION]
    .map((path) => join(root, path))
    .filter((path) => {
      if (!existsSync(path) && lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
      rmSync(path);
      return true;
    });

/** Whole or not at all, whenever the power goes. */
const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text, { mode: 0o644, flush: true });
  renameSync(`${path}.new`, path);
};
