/** One program being written: its choices, its parts, what is in reach, and the text so far. */
import type { Random } from "../random.ts";
import type { BigintText } from "./bigint-text.ts";
import type { NumberText } from "./number-text.ts";
import type { Interval } from "./interval.ts";
import type {
  FinderPart,
  GathererPart,
  GlobalPart,
  HelperPart,
  MapPart,
  ResultKind,
  RingPart,
  Shape,
  TablePart,
} from "./parts.ts";
import { Scope, type ViewVariable } from "./scope.ts";

/** Types of programs that TEST_RUN can run. */
export type WrittenType = "xdp" | "tc" | "cgroupSkb";

export interface Parts {
  readonly headers: readonly Shape[];
  readonly structs: readonly Shape[];
  readonly maps: readonly MapPart[];
  readonly rings: readonly RingPart[];
  readonly globals: readonly GlobalPart[];
  readonly tables: readonly TablePart[];
}

/** The mutually recursive kinds of expressions, reached through the program being written. */
export interface Expressions {
  readonly number: (w: Writing, depth: number) => NumberText;
  readonly bigint: (w: Writing, depth: number) => BigintText;
  readonly condition: (w: Writing, depth: number) => string;
  /** A view that may be null; null where there is none. */
  readonly untested: (w: Writing) => { readonly text: string; readonly shape: Shape } | null;
}

export interface HelperResult extends Interval {
  readonly kind: ResultKind;
  readonly wrapped: boolean;
  /** Of a subprogram: what every result is made to fit. */
  readonly within: Interval | null;
}

export class Writing {
  readonly random: Random;
  readonly expressions: Expressions;
  readonly type: WrittenType;
  readonly parts: Parts;
  readonly helpers: HelperPart[] = [];
  readonly finders: FinderPart[] = [];
  readonly gatherers: GathererPart[] = [];
  readonly scope = new Scope();
  readonly #lines: string[] = [];
  /** Statements that may still be written. */
  budget = 0;
  #indent = 0;
  #names = 0;
  /** Real (not unrolled) loops around this place. */
  realLoops = 0;
  /** Those of them that go over `range()`. */
  rangeLoops = 0;
  /** Loops of both kinds. */
  loops = 0;
  /** Blocks around this place. */
  nesting = 0;
  /** Things a `return` or `break` would leave undone: open ring records. */
  noExit = 0;
  /** In a helper: no context, and what its `return`s give so far. */
  helperResult: HelperResult | null = null;
  /** In a function that gives more than an integer: writes what it returns. */
  result: (() => string) | null = null;
  /** Labels around this place, of what is no loop. */
  readonly labels: string[] = [];
  /** Of a cgroup's program. */
  largestVerdict = 1n;
  /** The loops around this place, the innermost last. A `while` that counts at its end must not be continued. */
  readonly loopsAround: { readonly label: string | null; readonly mayContinue: boolean }[] = [];
  /** Whether `ctx` can be named: everywhere but in helpers that do not take it. */
  hasContext = true;
  /** Indexes around this place. */
  indexDepth = 0;
  /** There is a program to go on as. */
  hasTarget = false;
  /** There is a table of interfaces. */
  hasDevices = false;
  /** What sockets carry, when they do. */
  carried: MapPart | null = null;
  /** Expressions may not assign: where order of evaluation is not what is tested, or a `let` is out of place. */
  pure = 0;

  constructor(random: Random, type: WrittenType, parts: Parts, expressions: Expressions) {
    this.expressions = expressions;
    this.random = random;
    this.type = type;
    this.parts = parts;
  }

  get inHelper(): boolean {
    return this.helperResult !== null || this.result !== null;
  }

  name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  line(text: string): void {
    this.#lines.push("  ".repeat(this.#indent) + text);
  }

  /** `{ … }` with a scope of its own; `open` and `close` are the lines around it. */
  block(open: string, close: string, inside: () => void): void {
    this.line(open);
    this.#indent++;
    this.nesting++;
    this.scope.push();
    inside();
    this.scope.pop();
    this.nesting--;
    this.#indent--;
    this.line(close);
  }

  /** What `inside` writes, taken out of the text. */
  capture(inside: () => void): string[] {
    const start = this.#lines.length;
    inside();
    return this.#lines.splice(start);
  }

  text(): string {
    return this.#lines.join("\n");
  }

  /** The packet is about to move: its views must not be used again. */
  packetMoves(): void {
    for (const view of [...this.scope.views(), ...this.scope.untested()])
      if (view.space === "packet") view.stale = true;
  }

  /** Elements of a hash map are about to change hands. */
  elementsMove(map: MapPart): void {
    for (const view of this.#viewsOf(map)) view.stale = true;
  }

  /** Whether elements may move here: not in a loop around which a view of the map lives on. */
  mayMoveElements(map: MapPart): boolean {
    return this.loops === 0 || this.#viewsOf(map).every((view) => view.loopDepth === this.loops);
  }

  #viewsOf(map: MapPart): ViewVariable[] {
    return [...this.scope.views(), ...this.scope.untested()].filter((view) => view.map === map);
  }
}
