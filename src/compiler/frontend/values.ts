/**
 * What an expression evaluates to while compiling. A value stays a JavaScript value (`static`) until it meets
 * something that only the running kernel knows; then it is one of the others, which hold SSA nodes.
 */
import type { Layout, AddressFamily, FieldType } from "../../wire/layout.ts";
import type { Condition, Node, Space } from "../ssa/ir.ts";
import type { Range } from "../ssa/range.ts";
import type { FunctionNode } from "../source/parse.ts";
import type { ProgramType } from "../../kernel/program.ts";
import type { SourceModule } from "../../kernel/source.ts";
import type { KernelArray, KernelPointer, KernelStructure } from "../kernel-types.ts";
import type { Scope } from "./scope.ts";

export interface StaticValue {
  readonly kind: "static";
  readonly value: unknown;
  /** Of `undefined`, when it is what an object gave for a name that it has not. */
  readonly absent?: AbsentMember;
}

export interface AbsentMember {
  readonly name: string;
  /** What the object has. */
  readonly known: readonly string[];
  /** Where the name is written. */
  readonly node: { readonly start: number; readonly end: number };
}

/**
 * A run-time integer. `low..high` holds its JavaScript value. A `number` sits in its register as a signed 64-bit
 * integer; a `bigint` as its low 64 bits, so one that left 0..2^64-1 is still right for +, -, *, &, | and ^.
 * `wrapped`: the result of a 32-bit operation that JavaScript may read as negative; only the register's low 32 bits
 * mean anything, until `>>> 0`.
 */
export interface IntegerValue {
  readonly kind: "integer";
  readonly type: "number" | "bigint";
  readonly node: Node;
  readonly low: bigint;
  readonly high: bigint;
  readonly wrapped: boolean;
}

/** A comparison not yet made: the branch that consumes it makes it, so the verifier's proof sits on that branch. */
export interface Test {
  readonly condition: Condition;
  readonly left: Node;
  readonly right: Node;
  readonly width: 32 | 64;
  /** What holds on a branch where the test is true, or false. */
  readonly whenTrue: readonly Fact[];
  readonly whenFalse: readonly Fact[];
}

export type Fact =
  /** `low..high` holds the JavaScript value; `known` is what the verifier concludes of the register, null when nothing. */
  | {
      readonly kind: "range";
      readonly node: Node;
      readonly low: bigint;
      readonly high: bigint;
      readonly known: Range | null;
    }
  | { readonly kind: "present"; readonly pointer: Node; readonly bytes: number }
  | { readonly kind: "absent"; readonly pointer: Node; readonly bytes: number };

export interface BooleanValue {
  readonly kind: "boolean";
  readonly test: Test;
}

/** The memory behind a view: its alias class, and for packets the epoch that adjusting ends. */
export interface Region {
  readonly space: Space;
  /** Views with the same key may overlap; views with different keys never do. */
  readonly key: object;
  readonly epoch: Epoch | null;
  readonly writable: boolean;
  /** Of pointers that a run-time index was added to: the bytes they are aligned to. Other pointers are to 8. */
  readonly alignment?: number;
  /** The most bytes that may be read at once; 8 without it. */
  readonly widest?: 4;
  /** It belongs to a function that called this one. */
  readonly isLent?: true;
}

export const contextRegion: Region = { space: "context", key: { name: "context" }, epoch: null, writable: true };

/** A stretch of the program in which the packet does not move. */
export interface Epoch {
  readonly data: Node;
  readonly end: Node;
}

/** A struct behind a pointer. `nullable`: null until a test proved it present. */
export interface ViewValue {
  readonly kind: "view";
  readonly layout: Layout;
  readonly region: Region;
  readonly pointer: Node;
  /** Bytes from the pointer to the struct. */
  readonly offset: number;
  /** Null when it cannot be null; "bounds" when presence is that the packet reaches so far; "zero" when null is address 0. */
  readonly nullable: null | "bounds" | "zero";
}

/** An array field of a view. */
export interface ElementsValue {
  readonly kind: "elements";
  readonly element: FieldType;
  readonly length: number;
  readonly view: ViewValue;
  /** Bytes from the view's pointer to element 0. */
  readonly offset: number;
}

/** An address read into registers, in memory order. */
export interface WideValue {
  readonly kind: "wide";
  readonly family: AddressFamily;
  readonly chunks: readonly Chunk[];
}

export interface Chunk {
  readonly node: Node;
  readonly size: 1 | 2 | 4 | 8;
}

export interface ObjectValue {
  readonly kind: "object";
  readonly fields: ReadonlyMap<string, Value>;
}

/** An array of known length whose elements are known only at run time, or some of them. It stays as it was made. */
export interface ArrayValue {
  readonly kind: "array";
  readonly items: readonly Value[];
}

/** A value, or null or undefined where there is none. */
export interface MaybeValue {
  readonly kind: "maybe";
  /** 1 where it is there, and 0 where it is missing. */
  readonly there: Node;
  /** A number is 0, and a boolean false, where it is missing. */
  readonly value: Value;
  readonly missing: null | undefined;
}

/** A function written inside a kernel function, or one of another `.bpf.ts` module: inlined where it is called. */
export interface ClosureValue {
  readonly kind: "closure";
  readonly node: FunctionNode;
  readonly module: SourceModule;
  readonly scope: Scope;
}

/** A method of the kernel's vocabulary with the object it was taken from. */
export interface MethodValue {
  readonly kind: "method";
  readonly name: string;
  readonly receiver: Value;
  readonly fn: unknown;
}

/** What `range(from, to)` gives. */
export interface RangeValue {
  readonly kind: "range";
  readonly from: IntegerValue;
  readonly to: IntegerValue;
}

/** Values that differed where branches joined and cannot be one: using it is refused, keeping it is not. */
export interface ConflictValue {
  readonly kind: "conflict";
  readonly message: string;
}

/** What was refused: using it is refused, too, without a word. */
export interface RefusedValue {
  readonly kind: "refused";
}

export interface ContextValue {
  readonly kind: "context";
  readonly programType: ProgramType;
}

/**
 * Something in the kernel's own memory: a structure or array by reference, or a pointer to what is neither. `nullable`:
 * "maybe" null until a test proved it is not; of an "argument" the kernel may know that it is not, and need not be asked.
 */
export interface KernelValue {
  readonly kind: "kernel";
  readonly shape: KernelStructure | KernelArray | KernelPointer;
  readonly pointer: Node;
  /** Bytes from the pointer. */
  readonly offset: number;
  readonly nullable: "never" | "argument" | "maybe";
  /** Whether plain loads may read it, or only the kernel's own copy. What a program cast may be read, and not given to helpers. */
  readonly access: "direct" | "cast" | "probe";
}

export interface PacketValue {
  readonly kind: "packet";
}

export type Value =
  | StaticValue
  | IntegerValue
  | BooleanValue
  | ViewValue
  | ElementsValue
  | WideValue
  | ObjectValue
  | ArrayValue
  | MaybeValue
  | ClosureValue
  | MethodValue
  | ContextValue
  | PacketValue
  | RangeValue
  | KernelValue
  | ConflictValue
  | RefusedValue;

export const statik = (value: unknown): StaticValue => ({ kind: "static", value });
export const undefinedValue: StaticValue = statik(undefined);
export const nullValue: StaticValue = statik(null);
export const refusedValue: RefusedValue = { kind: "refused" };

export const isStatic = (value: Value): value is StaticValue => value.kind === "static";

/** A word for people: what a value is. */
export const describe = (value: Value): string => {
  switch (value.kind) {
    case "static":
      if (value.value === null || value.value === undefined) return String(value.value);
      return typeof value.value === "function" ? "a function" : `a constant ${typeof value.value}`;
    case "integer":
      return `a run-time ${value.type}`;
    case "boolean":
      return "a run-time boolean";
    case "view":
      return `a view of ${value.layout.name}`;
    case "elements":
      return "an array field";
    case "wide":
      return `an address (${value.family})`;
    case "object":
      return "an object";
    case "array":
      return "an array of run-time values";
    case "maybe":
      return `${describe(value.value)} or ${value.missing}`;
    case "closure":
    case "method":
      return "a function";
    case "context":
      return "the context";
    case "packet":
      return "the packet";
    case "range":
      return "a range of numbers";
    case "kernel":
      return value.shape.kind === "structure"
        ? `struct ${value.shape.name} of the kernel`
        : `${value.shape.kind === "array" ? "an array" : "a pointer"} of the kernel`;
    case "conflict":
      return "a value that differs at run time";
    case "refused":
      return "a value that was refused";
  }
};

/** The same for a field: a number or a bigint, as it takes. */
export const literalOf = (value: Value, type: FieldType | undefined): string => {
  const isWhole = isStatic(value) && Number.isSafeInteger(value.value);
  return isWhole && type?.kind === "integer" && type.bits > 48 ? `${String(value.value)}n` : literal(value);
};

/** What stands in the source for a number that is known; `…` for anything else. */
export const literal = (value: Value): string => {
  if (!isStatic(value)) return "…";
  if (typeof value.value === "bigint") return `${value.value}n`;
  return typeof value.value === "number" ? String(value.value) : "…";
};
