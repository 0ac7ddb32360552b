/** Where things are in the guest, and what it says on which line. Both sides read this. */

export const GUEST_ROOT = "/hopmark";
export const NODE = "/usr/bin/node";
/** Machine code that V8 makes while it runs must be translated again each time it changes: interpreting takes half as long. */
export const NODE_FLAGS = ["--no-opt", "--no-sparkplug"] as const;
export const MODULE_DIRECTORY = "/lib/modules";
export const INIT = `${GUEST_ROOT}/tests/old-kernel/guest/init.js`;
export const SUITE = `${GUEST_ROOT}/tests/old-kernel/guest/suite.js`;
export const COMMAND = `${GUEST_ROOT}/bin/hopmark.js`;

/** What programs do to packets in V8: `Outcome`s of rule-programs.ts. */
export const EXPECTED_OUTCOMES = `${GUEST_ROOT}/outcomes.json`;

/** Programs that the compiler once got wrong, of all kernels, relative to the project. */
export const CASES = "tests/fuzz/cases";

/**
 * Which checks a machine makes: those that CI makes; one half of all, beside a machine with the other half; what comes back
 * after a reboot, before it and after it; or all of them.
 */
export type Part = "essential" | "first" | "second" | "reboot" | "rebooted" | "all";

/** What the host tells the guest: the kernel hands such words of its command line to its first process. */
export interface GuestEnvironment {
  /** The host ends the machine after so long, and the machine itself, should the host be gone. */
  readonly HOPMARK_LIMIT_SECONDS: string;
  readonly HOPMARK_PART: Part;
  /** This many random programs in place of everything else. */
  readonly HOPMARK_PROGRAMS: string;
  readonly HOPMARK_SEED: string;
  /** Only the checks whose names have this in them, in URI encoding; all of them when it is empty. */
  readonly HOPMARK_ONLY: string;
}

/** The kernel's messages go to the first serial line, results to the second, one JSON object a line. */
export const RESULTS_DEVICE = "/dev/ttyS1";

export type Message =
  | { readonly type: "booted"; readonly release: string; readonly seconds: number }
  | { readonly type: "check"; readonly name: string; readonly seconds: number; readonly detail: string }
  | { readonly type: "failed"; readonly name: string; readonly seconds: number; readonly error: string }
  /** Files that are there at the next boot, by name. */
  | { readonly type: "installed"; readonly files: Readonly<Record<string, string>> }
  | { readonly type: "end"; readonly checks: number; readonly failed: number };
