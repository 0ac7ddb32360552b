/** Facts and states as objects of JSON, in both kinds of recording. Counters and times are strings of decimals. */
import type { ClockDiscipline } from "../../../linux/clock-discipline.ts";
import type { Counted, CounterValues } from "../loss.ts";
import type { ClockState, SessionFacts, SessionState } from "./session.ts";

const VERSION = 1;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Text of JSON without line breaks; bigints are strings of decimals. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part));

export const factsJson = ({ names, before, ...facts }: SessionFacts): JsonObject => ({
  type: "recording",
  version: VERSION,
  ...facts,
  names: Object.fromEntries(names),
  counters: before,
});

export const stateJson = ({ after, ...state }: SessionState): JsonObject => ({
  type: "counters",
  ...state,
  counters: after,
});

/** The facts; null when the object does not hold them. Of a later version what this one knows is read. */
export const factsFromJson = (value: unknown): SessionFacts | null => {
  if (!isObject(value) || value["type"] !== "recording" || !isObject(value["names"])) return null;
  const startNs = wholeOf(value["startNs"]);
  const before = countedFrom(value["counters"]);
  const { source, transit, ifindex, linkHeaderBytes } = value;
  if (startNs === null || before === null || typeof source !== "string") return null;
  if (typeof ifindex !== "number" || typeof linkHeaderBytes !== "number") return null;
  return {
    source,
    startNs,
    transit: typeof transit === "string" ? transit : null,
    names: new Map(
      Object.entries(value["names"]).flatMap(([id, name]) => (typeof name === "string" ? [[Number(id), name]] : [])),
    ),
    sharedClock: value["sharedClock"] === true,
    ifindex,
    linkHeaderBytes,
    before,
    clock: clockFrom(value["clock"]),
  };
};

/** The state; null when the object does not hold one. */
export const stateFromJson = (value: unknown): SessionState | null => {
  if (!isObject(value) || value["type"] !== "counters") return null;
  const after = countedFrom(value["counters"]);
  const { seconds, ended } = value;
  if (after === null || typeof seconds !== "number") return null;
  return { seconds, after, clock: clockFrom(value["clock"]), ended: ended === true };
};

const clockFrom = (value: unknown): ClockState | null => {
  if (!isObject(value)) return null;
  const [taiOffsetNs, measuredNs] = [wholeOf(value["taiOffsetNs"]), wholeOf(value["measuredNs"])];
  if (taiOffsetNs === null || measuredNs === null) return null;
  const { steppedNs } = value;
  return {
    taiOffsetNs,
    measuredNs,
    discipline: disciplineFrom(value["discipline"]),
    steppedNs: typeof steppedNs === "number" ? steppedNs : 0,
  };
};

const disciplineFrom = (value: unknown): ClockDiscipline | null => {
  if (!isObject(value)) return null;
  const { synchronised, estimatedErrorNs, maximumErrorNs } = value;
  if (typeof estimatedErrorNs !== "number" || typeof maximumErrorNs !== "number") return null;
  return { synchronised: synchronised === true, estimatedErrorNs, maximumErrorNs };
};

const countedFrom = (value: unknown): Counted | null => {
  if (!isObject(value)) return null;
  const { encap, transit, sink, exports } = value;
  if (!Array.isArray(encap) || !Array.isArray(transit)) return null;
  return {
    encap: encap.map(countersFrom),
    transit: transit.map(countersFrom),
    sink: countersFrom(sink),
    ...(isObject(exports) && { exports: countersFrom(exports) }),
  };
};

/** What is no counter is left out. */
export const countersFrom = (value: unknown): CounterValues =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).flatMap(([name, text]) => {
      const count = wholeOf(text);
      return count === null ? [] : [[name, count]];
    }),
  );

/** The number that a string of decimals is; null when it is none. */
export const wholeOf = (value: unknown): bigint | null =>
  typeof value === "string" && /^-?\d{1,20}$/.test(value) ? BigInt(value) : null;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
