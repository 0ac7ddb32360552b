import { missingCapabilities, purposes, type Capability } from "../../linux/capabilities.ts";
import { isInPath } from "../framework/in-path.ts";
import type { Check } from "./check.ts";

/** The others serve what not everyone does: tracing programs, packet sockets. */
const needed: ReadonlySet<Capability> = new Set(["CAP_BPF", "CAP_NET_ADMIN", "CAP_SYS_ADMIN"]);

/** What this process may do, given its capabilities. */
export const rightsChecks = (effective: ReadonlySet<string>, isRoot: boolean): Check[] => {
  const all = Object.keys(purposes) as Capability[];
  const missing = new Set(missingCapabilities(all, effective));
  const remedy = isRoot
    ? (capability: Capability) => `start the container with --cap-add ${capability.slice("CAP_".length)}`
    : () => (isInPath("sudo") ? "run hopmark as root: put sudo in front" : "run hopmark as root: from a root shell");
  return all.map((capability): Check => {
    const part = { group: "rights", name: capability, detail: `to ${purposes[capability]}` } as const;
    return missing.has(capability)
      ? { ...part, status: needed.has(capability) ? "missing" : "warn", remedy: remedy(capability) }
      : { ...part, status: "ok" };
  });
};
