/** Refuses declarations that the type checker would refuse, and sizes that no kernel takes: where they are written, not at load. */
import { HopmarkError } from "../errors.ts";
import type { IntegerType } from "../wire/layout.ts";
import type { Element, MapType } from "./maps.ts";

const refuseDeclared = (message: string, hint: string): never => {
  throw new HopmarkError("not-declared", message, { hint });
};

const elementKinds: ReadonlySet<unknown> = new Set(["layout", "integer", "address"] satisfies Element["kind"][]);

/** Of a map's key or value. */
export const requireElement = (type: MapType, what: "key" | "value", element: unknown): void => {
  const kind: unknown = typeof element === "object" && element !== null && "kind" in element ? element.kind : undefined;
  if (elementKinds.has(kind)) return;
  refuseDeclared(
    `the ${what} of a map of type ${type} is no layout`,
    kind === "array" || kind === "bits" || kind === "nested"
      ? `make it a field of a struct: struct("${what}", { ${kind === "array" ? "items" : "field"}: … })`
      : "give a struct(name, { … }), or a type such as u32 or ipv4Address",
  );
};

/** Numbers of a map's entries have 32 bits. */
const MOST_ENTRIES = 0xffff_ffff;

/** Of a map's options, or of those of a map of maps, or of interfaces. */
export const requireEntries = (type: MapType, options: { readonly entries?: number } | undefined): void => {
  const entries = options?.entries;
  if (entries === undefined)
    return refuseDeclared(
      `a map of type ${type} has no number of entries`,
      "write { entries: 1024 } as its last argument",
    );
  if (!Number.isInteger(entries) || entries < 1 || entries > MOST_ENTRIES)
    refuseDeclared(
      `a map of type ${type} cannot have ${String(entries)} entries`,
      `give a whole number from 1 to ${MOST_ENTRIES}`,
    );
};

/** Bytes of the smallest pages that there are. */
const PAGE_BYTES = 4096;

/** Of a ring buffer: the kernel maps whole pages, and finds a record's place with a mask. */
export const requireRingBytes = (bytes: number | undefined): void => {
  if (bytes !== undefined && Number.isInteger(Math.log2(bytes)) && bytes >= PAGE_BYTES && bytes <= MOST_ENTRIES) return;
  const said = bytes === undefined ? "has no number of bytes" : `cannot have ${String(bytes)} bytes`;
  refuseDeclared(`a ring buffer ${said}`, `give a power of two from ${PAGE_BYTES}, as in { bytes: 1 << 20 }`);
};

/** Of a variable: its type, and what it starts with. */
export const requireInitial = (type: Partial<IntegerType> | undefined, initial: unknown): void => {
  if (type?.kind !== "integer" || type.bits === undefined)
    return refuseDeclared(
      "a variable is an integer",
      "give u32 or u64 as its type, and keep anything else in an arrayMap",
    );
  const wanted = type.bits > 48 ? "bigint" : "number";
  const bits = BigInt(type.bits);
  const [least, most] =
    type.signed === true ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  const isInteger = typeof initial === "bigint" || (typeof initial === "number" && Number.isInteger(initial));
  if (isInteger && typeof initial === wanted && initial >= least && initial <= most) return;
  refuseDeclared(
    `a variable of ${bits} bits cannot start with ${typeof initial === "string" ? JSON.stringify(initial) : String(initial)}`,
    `give a ${wanted} from ${least} to ${most}: ${wanted === "bigint" ? "0n" : "0"}`,
  );
};

/** Of a program, in the words of the function that makes it. */
export const requireBody = (type: string, body: unknown): void => {
  if (typeof body === "function") return;
  const named = type === "tracepoint" || type === "rawTracepoint" || type === "iterator";
  refuseDeclared(
    `${type}() takes ${named ? "a name and a function" : "a function"}, not ${body === undefined ? "nothing" : typeof body}`,
    `write ${type}(${named ? "name, " : ""}(ctx) => { … })`,
  );
};
