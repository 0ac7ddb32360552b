/** What `simulate()` is given, looked at before anything runs: not everybody who calls it has a type checker. */
import { HopmarkError } from "../../errors.ts";
import type { Program } from "../program.ts";
import type { SimulatedEnvironment } from "./environment-source.ts";
import { kindOf } from "./kind-of.ts";
import { SimulatedMaps } from "./simulated-maps.ts";

/** Options of runs that see packets, and of those that follow the kernel. */
const packetOptions = ["packet", "context", "maps", "environment", "mtu", "linear"];
const common = ["maps", "environment"];
const optionsOf: Readonly<Record<Program["type"], readonly string[]>> = {
  xdp: packetOptions,
  tc: packetOptions,
  cgroupSkb: packetOptions,
  sockOps: packetOptions,
  tracepoint: [...common, "arguments"],
  rawTracepoint: [...common, "arguments"],
  iterator: [...common, "context"],
};

/** What each part of the environment is: a bigint, a number, or both at once where it is asked in other ways. */
const environment: Readonly<Record<keyof SimulatedEnvironment, "bigint" | "number" | "other">> = {
  monotonicNs: "bigint",
  taiNs: "bigint",
  objectAddress: "bigint",
  cpu: "number",
  random: "number",
  egressBacklog: "number",
  routes: "other",
  process: "other",
};

/** Throws HopmarkError `not-simulated` for what is no program, `bad-option`, `bad-packet`. */
export const requireGiven = (program: Program, options: object): void => {
  requireProgram(program);
  requireNames(options, optionsOf[program.type], "simulate()", `option of a program of type ${program.type}`);
  const { maps, environment: world, packet } = options as Readonly<Record<string, unknown>>;
  if (maps !== undefined && !(maps instanceof SimulatedMaps))
    throw badOption("maps", "make them with new SimulatedMaps(), and write into them by maps.map(descriptor)");
  if (packet !== undefined && !(packet instanceof Uint8Array))
    throw new HopmarkError("bad-packet", `a packet is a Uint8Array, not ${kindOf(packet)}`, {
      hint: "fromHex(…) of hopmark/wire makes one of hexadecimal digits, encodePacket(…) of its layers",
    });
  if (world !== undefined) requireEnvironment(world);
};

const requireProgram = (program: unknown): void => {
  if (typeof program === "object" && program !== null && "kind" in program && program.kind === "program") return;
  throw new HopmarkError("not-simulated", `simulate() runs a program, not ${kindOf(program)}`, {
    hint:
      typeof program === "function"
        ? "give what xdp(…), tc(…) and their kin return; a function that returns a program is called first"
        : "give what xdp(…), tc(…) and their kin return",
  });
};

const requireEnvironment = (given: unknown): void => {
  if (typeof given !== "object" || given === null)
    throw badOption("environment", "write { monotonicNs: 5n }, with what the run shall see");
  // What a test build's map holds may be given whole, its route beside the routes that were made of it.
  const known = [...Object.keys(environment), ...("routes" in given ? ["route"] : [])];
  requireNames(given, known, "environment", "part of it");
  for (const [name, value] of Object.entries(given)) {
    const wanted = name === "route" ? "other" : environment[name as keyof SimulatedEnvironment];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (wanted === "other" || values.every((one) => one === undefined || typeof one === wanted)) continue;
    throw badOption(`environment.${name}`, wanted === "bigint" ? "it is a bigint: write 5n" : "it is a number");
  }
};

/** Throws for a name that is none of `known`. */
export const requireNames = (given: object, known: readonly string[], where: string, what: string): void => {
  const wrong = Object.keys(given).find((name) => !known.includes(name));
  if (wrong === undefined) return;
  throw new HopmarkError("bad-option", `${where} has no ${wrong}: it is no ${what}`, {
    hint: `there are ${known.join(", ")}`,
  });
};

const badOption = (name: string, hint: string): HopmarkError =>
  new HopmarkError("bad-option", `simulate() cannot take this for ${name}`, { hint });
