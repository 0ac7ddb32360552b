/** Refuses descriptions of bytes that the type checker would refuse: not everybody runs it, and sizes would come out as NaN. */
import type { FieldType, Layout } from "./layout.ts";

const kinds: ReadonlySet<unknown> = new Set([
  "integer",
  "bits",
  "address",
  "array",
  "nested",
] satisfies FieldType["kind"][]);

/** Refuses what is no name, or no fields. Error that says how `call` is written. */
export const requireNamed = (call: "struct" | "header", name: unknown, fields: unknown): void => {
  if (typeof name === "string" && typeof fields === "object" && fields !== null) return;
  const written = call === "struct" ? 'struct("source", { … })' : 'header("tag", "IEEE 802.1Q", { … })';
  const missing = typeof name !== "string" ? "a name" : call === "struct" ? "fields" : "where the format is defined";
  throw new Error(`${call}() lacks ${missing}; write ${written}`);
};

/** Refuses what is no type of a field. Error that names `what` it was to describe. */
export const requireFieldType = (what: string, type: unknown): void => {
  const kind: unknown = typeof type === "object" && type !== null && "kind" in type ? type.kind : undefined;
  if (kinds.has(kind)) return;
  const instead =
    kind === "layout"
      ? `a layout; write nested(…) around ${(type as Layout).name}`
      : `${typeof type === "string" ? JSON.stringify(type) : String(type)}, no type; write u32, ipv4Address, array(u8, 4) or another`;
  throw new Error(`${what} is ${instead}`);
};

/** Refuses what is no whole number of `what` from 1 to `most`. RangeError. */
export const requireCount = (what: string, count: unknown, most: number): void => {
  if (Number.isInteger(count) && (count as number) >= 1 && (count as number) <= most) return;
  throw new Error(`${what} is ${String(count)}; give a whole number from 1 to ${most}`);
};
