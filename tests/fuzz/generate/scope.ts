/** What a generated program can name at one point. */
import type { AddressFamily } from "../../../src/wire/layout.ts";
import type { Interval } from "./interval.ts";
import type { MapPart, Shape } from "./parts.ts";

export type Variable =
  | {
      readonly kind: "number" | "bigint";
      readonly name: string;
      /** Of a `let`: what every assignment is made to fit. */
      readonly range: Interval;
      readonly assignable: boolean;
      /** The result of a 32-bit operation that may be negative in JavaScript and means only its low 32 bits. */
      readonly wrapped: boolean;
    }
  | { readonly kind: "boolean"; readonly name: string; readonly assignable: boolean }
  | {
      readonly kind: "address";
      readonly name: string;
      readonly family: AddressFamily;
      readonly assignable: boolean;
      /** Real loops around its declaration: it may not be assigned in a deeper one. */
      readonly loopDepth: number;
    };

/** A view proved present. */
export interface ViewVariable {
  readonly name: string;
  readonly shape: Shape;
  readonly space: "packet" | "map" | "ring" | "copy";
  readonly map: MapPart | null;
  readonly writable: boolean;
  readonly loopDepth: number;
  /** The packet moved, or the map's elements may have been given to other keys. */
  stale: boolean;
}

interface Frame {
  readonly variables: Variable[];
  readonly views: ViewVariable[];
  /** Those that may be null. */
  readonly untested: ViewVariable[];
  /** Narrower ranges that a branch proved of constants. */
  readonly narrowed: Map<string, Interval>;
}

const newFrame = (): Frame => ({ variables: [], views: [], untested: [], narrowed: new Map() });

export class Scope {
  readonly #frames: Frame[] = [newFrame()];

  push(): void {
    this.#frames.push(newFrame());
  }

  pop(): void {
    this.#frames.pop();
  }

  declare(variable: Variable): void {
    this.#top.variables.push(variable);
  }

  show(view: ViewVariable): void {
    this.#top.views.push(view);
  }

  /** A view that nobody has compared with null yet. */
  showUntested(view: ViewVariable): void {
    this.#top.untested.push(view);
  }

  untested(): ViewVariable[] {
    return this.#frames.flatMap((frame) => frame.untested).filter((view) => !view.stale);
  }

  narrow(name: string, range: Interval): void {
    this.#top.narrowed.set(name, range);
  }

  /** Runs `inside` with nothing of this scope in reach, as in a function of the module. */
  apart<T>(inside: () => T): T {
    const kept = this.#frames.splice(0, this.#frames.length, newFrame());
    try {
      return inside();
    } finally {
      this.#frames.splice(0, this.#frames.length, ...kept);
    }
  }

  variables(): Variable[] {
    return this.#frames.flatMap((frame) => frame.variables);
  }

  views(): ViewVariable[] {
    return this.#frames.flatMap((frame) => frame.views).filter((view) => !view.stale);
  }

  rangeOf(variable: { readonly name: string; readonly range: Interval }): Interval {
    return (
      this.#frames.findLast((frame) => frame.narrowed.has(variable.name))?.narrowed.get(variable.name) ?? variable.range
    );
  }

  get #top(): Frame {
    return this.#frames.at(-1) as Frame;
  }
}
