/** All that is tried on the older kernel. */
import { check, end } from "./check.ts";
import { commands } from "./commands.ts";
import { demo } from "./demo.ts";
import { doctor, features } from "./doctor.ts";
import { cases, randomPrograms } from "./programs.ts";
import { rules } from "./rules.ts";
import { traces } from "./traces.ts";
import { xdp } from "./xdp.ts";

const programs = Number(process.env["HOPMARK_PROGRAMS"]);
if (programs > 0) {
  await check("random programs", () => randomPrograms(programs, Number(process.env["HOPMARK_SEED"])));
} else {
  await check("hopmark doctor", doctor);
  await check("features", features);
  await check("hopmark demo", demo);
  await check("IOAM rules in this kernel, as in V8", rules);
  await check("IOAM, Hopmark's transit", () => traces("hopmark", {}));
  await check("IOAM, the kernel's transit", () => traces("kernel", { kernelIoam: ["porthos"] }));
  await check("IOAM, segmentation left to the links", () => traces("segments", { segmentation: true }));
  await check("IOAM, transit at XDP", xdp);
  await check("IOAM by one command after another", commands);
  // Leaves this process on one CPU.
  await check("programs that once went wrong", cases);
}
end();
process.exit(0);
