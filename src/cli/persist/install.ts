/** Files that bring IOAM and pval devices back after a reboot: its configuration, a systemd unit that restores it, and one that keeps next hops. */
import { lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ConfigError } from "../../errors.ts";

/** Below the root of the file system. */
export const CONFIGURATION = "/etc/hopmark/ioam.conf";
export const UNIT_NAME = "hopmark-persist.service";
/** Where there is transit with a next-hop table. */
export const WATCH_NAME = "hopmark-watch.service";
const UNITS = "/etc/systemd/system";
const ENABLED = `${UNITS}/multi-user.target.wants`;

/** What starts Hopmark: Node.js and the script, both by their full paths. */
export type Program = readonly [node: string, script: string];

/** How long the unit waits for interfaces. */
const WAIT_SECONDS = 30;

export const configurationText = (lines: readonly string[]): string =>
  [
    "# IOAM and pval devices as they shall be after a reboot: what `hopmark persist restore` makes, in this order.",
    "# Written by `hopmark persist`. Each line but sysctl is a command of hopmark's.",
    ...lines,
    "",
  ].join("\n");

export const unitText = (program: Program): string => `[Unit]
Description=IOAM and pval devices of hopmark persist
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

/** It ends with status 2 where there is no table: that is no better a second later. */
export const watchText = (program: Program): string => `[Unit]
Description=Next hops of hopmark's transit nodes at XDP
Documentation=man:systemd.service(5)
ConditionPathExists=${CONFIGURATION}
After=${UNIT_NAME}
Wants=${UNIT_NAME}

[Service]
ExecStart=${program.map(quoted).join(" ")} ioam transit watch
Restart=on-failure
RestartSec=1
RestartPreventExitStatus=2

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
  /** The unit that keeps next-hop tables; null when no line makes one. */
  readonly watch: string | null;
  readonly lines: number;
}

/** Writes and enables them below `root`. ConfigError when what runs now will not be there after a reboot. */
export const install = (root: string, lines: readonly string[], program: Program): Installed => {
  const [, script] = program;
  if (/\/_npx\//.test(script)) {
    throw new ConfigError(`${script} is npx's own copy, which may be gone at the next boot`, {
      hint: "install Hopmark for all users first: npm install -g hopmark",
    });
  }
  write(join(root, CONFIGURATION), configurationText(lines));
  const unit = enable(root, UNIT_NAME, unitText(program));
  const hasTables = lines.some((line) => line.startsWith("ioam transit add ") && line.includes(" --next-hops"));
  if (!hasTables) removeAll(root, filesOf(WATCH_NAME));
  const watch = hasTables ? enable(root, WATCH_NAME, watchText(program)) : null;
  return { configuration: join(root, CONFIGURATION), unit, watch, lines: lines.length };
};

/** Takes them away; returns those that were there. */
export const uninstall = (root: string): string[] =>
  removeAll(root, [...filesOf(WATCH_NAME), ...filesOf(UNIT_NAME), CONFIGURATION, next(CONFIGURATION)]);

/** Returns the unit's path. */
const enable = (root: string, name: string, text: string): string => {
  const path = join(root, UNITS, name);
  write(path, text);
  const link = join(root, ENABLED, name);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(`${UNITS}/${name}`, link);
  return path;
};

/** All of a unit, with what a command leaves that is killed while it writes. */
const filesOf = (name: string): string[] => [`${ENABLED}/${name}`, `${UNITS}/${name}`, next(`${UNITS}/${name}`)];

const removeAll = (root: string, paths: readonly string[]): string[] =>
  paths
    .map((path) => join(root, path))
    .filter((path) => {
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
      rmSync(path);
      return true;
    });

const next = (path: string): string => `${path}.new`;

/** Whole or not at all, whenever the power goes. */
const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(next(path), text, { mode: 0o644, flush: true });
  renameSync(next(path), path);
};
