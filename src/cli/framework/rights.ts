/** One screen for someone who lacks rights: what is missing, and exactly what to type. */
import { missingCapabilities, purposes, type Capability } from "../../linux/capabilities.ts";
import { PermissionError } from "../../errors.ts";
import { isInPath } from "./in-path.ts";

/** Throws a PermissionError, the screen its message, when the command needs more than this process may. */
export const requireRights = (command: string, needs: readonly Capability[], argv: readonly string[]): void => {
  const missing = missingCapabilities(needs);
  const [first] = missing;
  if (first === undefined) return;
  const typed = { program: programLine(process.argv, process.env), argv };
  const place = { root: process.getuid?.() === 0, sudo: isInPath("sudo") };
  throw new PermissionError(first, rightsScreen(command, missing, typed, place));
};

export interface Typed {
  /** What starts Hopmark: `npx hopmark`. */
  readonly program: string;
  readonly argv: readonly string[];
}

export interface Place {
  /** The user is root and lacks them all the same: a container. */
  readonly root: boolean;
  readonly sudo: boolean;
}

export const rightsScreen = (command: string, missing: readonly Capability[], typed: Typed, place: Place): string => {
  const width = Math.max(...missing.map((capability) => capability.length));
  const list = missing.map((capability) => `  ${capability.padEnd(width)}  to ${purposes[capability]}`);
  const line = [typed.program, ...typed.argv.map(shellQuoted)].join(" ");
  return [
    `${command} needs rights that ${place.root ? "this root" : "you"} lack${place.root ? "s" : ""}:`,
    "",
    ...list,
    "",
    ...remedy(line, missing, place),
  ].join("\n");
};

const remedy = (line: string, missing: readonly Capability[], place: Place): string[] => {
  if (place.root) {
    const flags = missing.map((capability) => `--cap-add ${capability.slice("CAP_".length)}`).join(" ");
    return ["Root without them is root in a container. Start the container with them:", "", `  ${flags}`];
  }
  const asRoot = place.sudo ? `sudo ${line}` : `su -c ${shellQuoted(line)}`;
  return ["Run it as root:", "", `  ${asRoot}`];
};

/** How this program was started, as the user would type it again. */
export const programLine = (argv: readonly string[], environment: NodeJS.ProcessEnv): string => {
  if (environment["npm_command"] === "exec" || environment["npm_lifecycle_event"] === "npx") return "npx hopmark";
  const [node = "node", script = "hopmark"] = argv;
  const name = script.split("/").at(-1) ?? script;
  return name === "hopmark" && isInPath("hopmark") ? "hopmark" : [node, script].map(shellQuoted).join(" ");
};

export const shellQuoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
