import { readdirSync, readFileSync } from "node:fs";
import { isAlive, type ProcessIdentity } from "../linux/process-identity.ts";
import { REGISTRY_DIRECTORY, REGISTRY_LOCK } from "./registry-directory.ts";

/**
 * False when there is nothing for `reapDead`: no lab, or only such as stay or whose owner lives. Every command asks, so this needs
 * little of what looks after labs.
 */
export const mayHaveDeadLabs = (directory = REGISTRY_DIRECTORY): boolean => {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch {
    return false;
  }
  return names.some((name) => name !== REGISTRY_LOCK && !isKept(`${directory}/${name}`));
};

/** What is half written, gone meanwhile or no record of a lab is for others to tell. */
const isKept = (path: string): boolean => {
  try {
    const { owner } = JSON.parse(readFileSync(path, "utf8")) as { readonly owner?: ProcessIdentity | null };
    return path.endsWith(".json") && (owner === null || (owner !== undefined && isAlive(owner)));
  } catch {
    return false;
  }
};
