/** All that is tried on the older kernel. */
import { check, end } from "./check.ts";
import { commands } from "./commands.ts";
import { demo } from "./demo.ts";
import { doctor, features } from "./doctor.ts";
import { afterReboot, persist } from "./persist.ts";
import { cases, randomPrograms } from "./programs.ts";
import { rules } from "./rules.ts";
import { traces } from "./traces.ts";
import { reports, tunnels } from "./tunnels.ts";
import { xdp } from "./xdp.ts";

/** What CI tries on every change: a lab, encapsulation, transit, sink and bulk TCP. The rest takes as long again. */
const essential: readonly (readonly [string, () => string | Promise<string>])[] = [
  ["features", features],
  ["IOAM rules in this kernel, as in V8", rules],
  ["IOAM, Hopmark's transit", () => traces("hopmark", {})],
];

const others: typeof essential = [
  // First, since another machine goes on with what it installs.
  ["hopmark persist", persist],
  ["hopmark doctor", doctor],
  ["hopmark demo", demo],
  ["IOAM, the kernel's transit", () => traces("kernel", { kernelIoam: ["porthos"] })],
  ["IOAM, segmentation left to the links", () => traces("segments", { segmentation: true })],
  ["IOAM, transit at XDP", xdp],
  ["IOAM by one command after another", commands],
  ["IOAM, numbers behind outer headers", tunnels],
  ["IOAM, Direct Export", reports],
  // Leaves this process on one CPU.
  ["programs that once went wrong", cases],
];

const { HOPMARK_PROGRAMS, HOPMARK_SEED, HOPMARK_ESSENTIAL, HOPMARK_ONLY = "", HOPMARK_REBOOTED } = process.env;
const programs = Number(HOPMARK_PROGRAMS);
if (HOPMARK_REBOOTED === "1") {
  await check("hopmark persist, after a reboot", afterReboot);
} else if (programs > 0) {
  await check("random programs", () => randomPrograms(programs, Number(HOPMARK_SEED)));
} else {
  const all = HOPMARK_ESSENTIAL === "1" ? essential : [...essential, ...others];
  for (const [name, run] of all) if (name.includes(decodeURIComponent(HOPMARK_ONLY))) await check(name, run);
}
end();
process.exit(0);
