/** iproute2's three ways to set something up. */
import type { Json } from "../../bpf/pin/meta.ts";
import { ConfigError } from "../../errors.ts";
import type { LocalDevice } from "./device.ts";
import { findFeature } from "../feature/feature.ts";

/** `add` where there is none, `change` where there is one, `replace` in either case. */
export type Verb = "add" | "change" | "replace";

const parts = {
  "ioam-transit": { command: "hopmark ioam transit", already: "is a transit node's already", none: "no transit node" },
  "ioam-sink": { command: "hopmark ioam sink", already: "is a sink already", none: "no sink" },
  "ioam-export": { command: "hopmark ioam export", already: "exports already", none: "no exporter" },
} as const;

/** The note beside what is there; undefined when nothing is. ConfigError where the verb wants it otherwise. */
export const noteFor = (device: LocalDevice, feature: keyof typeof parts, verb: Verb): Json | undefined => {
  const { name } = device.link;
  const { command, already, none } = parts[feature];
  const existing = findFeature(device, feature);
  existing?.close();
  if (existing !== undefined && verb === "add") {
    const change = feature === "ioam-export" ? "" : `change it: ${command} change dev ${name} …, or `;
    throw new ConfigError(`${name} ${already}`, { hint: `${change}delete it first: ${command} del dev ${name}` });
  }
  if (existing === undefined && verb === "change") {
    throw new ConfigError(`${name} has ${none}`, { hint: `add one: ${command} add dev ${name}` });
  }
  return existing?.options;
};
