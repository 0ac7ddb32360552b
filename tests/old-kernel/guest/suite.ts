/** All that is tried on the older kernel. */
import { check, end } from "./check.ts";
import { commands } from "./commands.ts";
import { demo } from "./demo.ts";
import { doctor, features } from "./doctor.ts";
import { cases, randomPrograms } from "./programs.ts";
import { rules } from "./rules.ts";
import { traces } from "./traces.ts";
import { xdp } from "./xdp.ts";

/** What CI tries on every change: a lab, encapsulation, transit, sink and bulk TCP. The rest takes as long again. */
const essential: readonly (readonly [string, () => string | Promise<string>])[] = [
  ["features", features],
  ["IOAM rules in this kernel, as in V8", rules],
  ["IOAM, Hopmark's transit", () => traces("hopmark", {})],
];

const others: typeof essential = [
  ["hopmark doctor", doctor],
  ["hopmark demo", demo],
  ["IOAM, the kernel's transit", () => traces("kernel", { kernelIoam: ["porthos"] })],
  ["IOAM, segmentation left to the links", () => traces("segments", { segmentation: true })],
  ["IOAM, transit at XDP", xdp],
  ["IOAM by one command after another", commands],
  // Leaves this process on one CPU.
  ["programs that once went wrong", cases],
];

const programs = Number(process.env["HOPMARK_PROGRAMS"]);
if (programs > 0) {
  await check("random programs", () => randomPrograms(programs, Number(process.env["HOPMARK_SEED"])));
} else {
  const isShort = process.env["HOPMARK_ESSENTIAL"] === "1";
  for (const [name, run] of isShort ? essential : [...essential, ...others]) await check(name, run);
}
end();
process.exit(0);
