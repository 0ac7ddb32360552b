/** One program being compiled: the builder, the tables of what is known, and what the program needs from the loader. */
import { Environment } from "../../kernel/environment.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Program, ProgramType, Purpose } from "../../kernel/program.ts";
import type { Position, SourceModule } from "../../kernel/source.ts";
import type { Layout } from "../../wire/layout.ts";
import type { KernelTypes } from "../kernel-types.ts";
import { programTypes } from "../program-types/index.ts";
import { refuse, type DiagnosticCode } from "../diagnostics.ts";
import { Builder } from "../ssa/builder.ts";
import type { Node, Space, StackSlot } from "../ssa/ir.ts";
import { intersect, type Range } from "../ssa/range.ts";
import { Table } from "../ssa/state.ts";
import type { Ast, FunctionNode } from "../source/parse.ts";
import type { Label } from "./flow.ts";
import type { VerdictTable } from "./foreign-verdicts.ts";
import type { NumberIterator } from "./number-iterator.ts";
import { forgetAbsent, type Records } from "./records.ts";
import { Refusals } from "./refusals.ts";
import type { Scope, Variable } from "./scope.ts";
import type { Subprograms } from "./evaluated-subprogram.ts";
import type { Epoch, Region, Test, Value } from "./values.ts";
import type { LoopNumber } from "./growth.ts";

/** What compiling a program can take into account. */
export interface CompileOptions {
  /**
   * Where clock, CPU number and random numbers come from: the kernel, or a one-element array map of {@link Environment},
   * which tests fill so that a run in the kernel can be compared with one in V8.
   */
  readonly environment?: MapDescriptor;
  /** The running kernel's types; without them programs that read kernel structures do not compile. */
  readonly kernelTypes?: KernelTypes;
  /** Called when the code follows from what may differ the next time though the program is the same, as from the time of day. */
  readonly unrepeatable?: () => void;
}

/** The evaluator's mutually recursive parts, reached through the unit so that their modules need not import each other. */
export interface Evaluator {
  expression(unit: Unit, scope: Scope, node: Ast.Expression): Value;
  /** Evaluates `node` as a condition and jumps. */
  condition(unit: Unit, scope: Scope, node: Ast.Expression, whenTrue: Label, whenFalse: Label): void;
  statement(unit: Unit, scope: Scope, node: Ast.Statement): void;
  /** Inlines a function. */
  call(unit: Unit, fn: InlineFunction, args: readonly Value[]): Value;
}

export interface InlineFunction {
  readonly node: FunctionNode;
  readonly module: SourceModule;
  /** The scope the function was written in; null for functions known by their captures. */
  readonly scope: Scope | null;
  readonly captures: Readonly<Record<string, unknown>> | null;
}

/** What branches proved of a pointer: bytes known to be there, and the least extent known not to be. */
export interface Presence {
  readonly present: number;
  readonly absent: number;
}

const unknownPresence: Presence = { present: -1, absent: Infinity };

export class Unit {
  readonly builder: Builder;
  readonly type: ProgramType;
  readonly purpose: Purpose;
  readonly options: CompileOptions;
  readonly maps = new Set<MapDescriptor>();
  readonly variables = new Table<Variable, Value>("merge");
  readonly epochs = new Table<"packet", Epoch>("merge");
  /** Bytes read from or written to memory that only this program changes. Key: pointer, offset and size. */
  readonly memory = new Table<string, Remembered>("agree");
  /**
   * What branches proved of registers' JavaScript values. The builder's ranges are what the verifier knows, which is
   * less: nothing of a quotient, for one.
   */
  readonly truths = new Table<Node, Range>("drop");
  /** Ring records in use. */
  readonly records: Records = new Table("merge");
  /** Layouts that records of each ring are written with, and whether those may be shorter than the layout. */
  readonly recordLayouts = new Map<MapDescriptor, Map<Layout, boolean>>();
  /** Layouts that an iterator writes to user space. */
  readonly writtenLayouts = new Set<Layout>();
  /** Which record a pointer is one of. */
  readonly recordKeys = new Map<Node, object>();
  /** Of the `range()` loops around the current place, the innermost last. */
  readonly iterators: NumberIterator[] = [];
  readonly presence = new Table<Node, Presence>("drop");
  /** What loops carry. */
  readonly loopNumbers = new WeakMap<Node, LoopNumber>();
  /** What a helper said of a pointer: of the packet's start the frame's length, of a socket the whole of it. */
  readonly answers = new Table<Node, Node>("drop");
  /** Free names' values, read once a program for each function that is inlined. */
  readonly captures = new Map<object, Readonly<Record<string, unknown>>>();
  readonly #program: Program;
  readonly #freeSlots: StackSlot[] = [];
  /** The module whose code is being evaluated. */
  module: SourceModule;
  depth = 0;
  /** Where the node ends that the builder's position is the start of. */
  end = 0;
  /** The argument that is looked at, or a part of it: what is refused of it is told there. */
  blamed: Ast.Node | null = null;
  /** What an assignment that is being carried out has behind its `=`. */
  assigned: Ast.Node | null = null;
  /** Where a chain of `?.` that is being evaluated goes when something in it is missing. */
  chain: Label | null = null;
  /** Calls whose result nobody uses. */
  readonly unused = new WeakSet<Ast.Node>();
  /** The program's other functions. */
  readonly subprograms: Subprograms = new Map();
  /** Spaces in which this function changes bytes that its caller may know. */
  readonly written = new Set<Space>();
  isSubprogram = false;
  /** The packet has moved since the function was entered. */
  movesPacket = false;
  /** Names of verdicts of other types that were read. Key: the name's node. */
  readonly foreignVerdicts = new Map<object, VerdictTable>();
  /** Evaluating the test of a real loop, whose end the verifier must see. */
  inLoopTest = false;
  /** Of the program, all its functions. */
  readonly refusals: Refusals = new Refusals();
  /** Functions that are being inlined, the innermost last. */
  readonly callers: FunctionNode[] = [];
  readonly evaluator: Evaluator;

  constructor(program: Program, module: SourceModule, options: CompileOptions, evaluator: Evaluator) {
    this.#program = program;
    this.evaluator = evaluator;
    this.builder = new Builder(program.name);
    this.type = program.type;
    this.purpose = program.purpose;
    this.module = module;
    this.options = options;
  }

  /** A unit of the same program for another function of it. */
  forSubprogram(module: SourceModule, builder: Builder): Unit {
    const { options, evaluator, maps, recordLayouts, writtenLayouts, captures, subprograms, depth } = this;
    const { refusals, callers } = this;
    const shared = { isSubprogram: true, maps, recordLayouts, writtenLayouts, captures, subprograms, depth };
    return Object.assign(new Unit(this.#program, module, options, evaluator), {
      builder,
      refusals,
      callers,
      ...shared,
    });
  }

  /** Marks what follows as coming from an AST node. */
  at(node: { readonly start: number; readonly end?: number }): void {
    this.builder.position = { module: this.module, offset: node.start };
    this.end = node.end ?? node.start;
    this.blamed = null;
  }

  refuse(code: DiagnosticCode, message: string, node?: { readonly start: number }): never {
    return refuse(code, message, this.#placeOf(node));
  }

  /** Refuses what cannot be mistaken: evaluating goes on as if it had been written as the message says. */
  report(code: DiagnosticCode, message: string, node?: { readonly start: number }): void {
    this.refusals.report({ code, message, position: this.#placeOf(node) });
  }

  #placeOf(node: { readonly start: number } | undefined): Position {
    const place = node ?? this.blamed;
    if (place !== null) return { module: this.module, offset: place.start };
    return this.builder.position ?? { module: this.module, offset: 0 };
  }

  presenceOf(pointer: Node): Presence {
    return this.builder.state.get(this.presence, pointer) ?? unknownPresence;
  }

  /** Adopts what a branch on `test` proves. */
  learn(test: Test, outcome: boolean): void {
    for (const fact of outcome ? test.whenTrue : test.whenFalse) {
      if (fact.kind === "range") {
        if (fact.known !== null) this.builder.narrow(fact.node, fact.known.low, fact.known.high);
        const truth = this.builder.state.get(this.truths, fact.node);
        this.builder.state.set(this.truths, fact.node, truth === undefined ? fact : intersect(truth, fact));
        continue;
      }
      if (fact.kind === "absent") forgetAbsent(this, fact.pointer);
      const known = this.presenceOf(fact.pointer);
      this.builder.state.set(this.presence, fact.pointer, {
        present: fact.kind === "present" ? Math.max(known.present, fact.bytes) : known.present,
        absent: fact.kind === "absent" ? Math.min(known.absent, fact.bytes) : known.absent,
      });
    }
  }

  /** Undefined in programs that see no packet. */
  get currentEpoch(): Epoch | undefined {
    return this.builder.state.get(this.epochs, "packet");
  }

  epoch(): Epoch {
    return this.currentEpoch ?? this.newEpoch();
  }

  /** Reads the packet's ends anew: after entry and after every call that may move it. */
  newEpoch(): Epoch {
    const { builder } = this;
    const { packet } = programTypes[this.type];
    if (packet === null) throw new Error(`programs of type ${this.type} see no packet`);
    const { data, end } = packet;
    const epoch = { data: builder.loadPointer(builder.context, data), end: builder.loadPointer(builder.context, end) };
    builder.state.set(this.epochs, "packet", epoch);
    this.movesPacket = true;
    this.packetChanged();
    return epoch;
  }

  /** Forgets what was read of the packet and of its context: a helper may have changed either. */
  packetChanged(): void {
    this.written.add("packet").add("context");
    const { state } = this.builder;
    state.removeWhere(this.memory, (_, { region }) => region.space === "packet" || region.space === "context");
  }

  /** Stack bytes for the length of one call; give them back with {@link releaseSlot}. `what` they hold is for people. */
  acquireSlot(size: number, what: string): StackSlot {
    const rounded = Math.ceil(size / 8) * 8;
    const at = this.#freeSlots.findIndex((slot) => slot.size === rounded);
    return at === -1 ? this.builder.newSlot(size, what) : (this.#freeSlots.splice(at, 1)[0] as StackSlot);
  }

  /** Slots handed back so far; an abandoned attempt forgets those it made. */
  forgetSlots(): void {
    const live = new Set(this.builder.fn.slots);
    this.#freeSlots.splice(0, this.#freeSlots.length, ...this.#freeSlots.filter((slot) => live.has(slot)));
  }

  releaseSlot(slot: StackSlot): void {
    this.#freeSlots.push(slot);
  }

  environmentField(name: string): { offset: number; size: 4 | 8 } {
    const field = Environment.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`no environment field ${name}`);
    return { offset: field.bitOffset / 8, size: field.bits === 64 ? 8 : 4 };
  }
}

export interface Remembered {
  readonly node: Node;
  readonly region: Region;
  readonly pointer: Node;
  readonly offset: number;
  readonly size: number;
}
