/** All that is tried on the older kernel. */
import { check, end } from "./check.ts";
import { commands } from "./commands.ts";
import { demo } from "./demo.ts";
import { doctor, features } from "./doctor.ts";
import { afterReboot, persist } from "./persist.ts";
import { cases, randomPrograms } from "./programs.ts";
import type { Part } from "../places.ts";
import { linkCommands, pvalDevice } from "./pval.ts";
import { rules } from "./rules.ts";
import { traces } from "./traces.ts";
import { reports, tunnels } from "./tunnels.ts";
import { xdp } from "./xdp.ts";

/** What CI tries on every change: a lab, encapsulation, transit, sink and bulk TCP, and what pval does. The rest takes as long again. */
const essential: readonly (readonly [string, () => string | Promise<string>])[] = [
  ["features", features],
  ["IOAM rules in this kernel, as in V8", rules],
  ["IOAM, Hopmark's transit", () => traces("hopmark", {})],
  ["pval, a device of its own", pvalDevice],
];

const others: typeof essential = [
  ["hopmark demo", demo],
  ["IOAM, the kernel's transit", () => traces("kernel", { kernelIoam: ["porthos"] })],
  ["IOAM, segmentation left to the links", () => traces("segments", { segmentation: true })],
  ["IOAM, Direct Export", reports],
];

/** What a second machine does meanwhile. */
const beside: typeof essential = [
  ["IOAM by one command after another", commands],
  ["pval in place, by one command after another", linkCommands],
  ["hopmark doctor", doctor],
  ["IOAM, transit at XDP", xdp],
  ["IOAM, numbers behind outer headers", tunnels],
  // Leaves this process on one CPU.
  ["programs that once went wrong", cases],
];

/** Another machine goes on with what this one installs. */
const reboot: typeof essential = [["hopmark persist", persist]];

/** What each machine does, by its name. */
const parts: Readonly<Record<Part, typeof essential>> = {
  essential,
  first: [...essential, ...others],
  second: beside,
  reboot,
  all: [...reboot, ...essential, ...others, ...beside],
  rebooted: [["hopmark persist, after a reboot", afterReboot]],
};

const { HOPMARK_PROGRAMS, HOPMARK_SEED, HOPMARK_PART, HOPMARK_ONLY = "" } = process.env;
const programs = Number(HOPMARK_PROGRAMS);
const isPart = (name: string | undefined): name is Part => name !== undefined && name in parts;
if (programs > 0) {
  await check("random programs", () => randomPrograms(programs, Number(HOPMARK_SEED)));
} else if (isPart(HOPMARK_PART)) {
  for (const [name, run] of parts[HOPMARK_PART])
    if (name.includes(decodeURIComponent(HOPMARK_ONLY))) await check(name, run);
}
end();
process.exit(0);
