/** Tail calls in V8. */
import { HopmarkError } from "../../errors.ts";
import type { Program } from "../program.ts";

/** `MAX_TAIL_CALL_CNT`: how often one packet may go on as another program. */
const LIMIT = 33;

/** Thrown to leave the calling program for good; no kernel function can catch it, for none has `try`. */
class Continuation {
  readonly program: Program;

  constructor(program: Program) {
    this.program = program;
  }
}

/** The tail calls of one run. */
export class TailCalls {
  #made = 0;

  /** Leaves the calling program when there is one to go on as; returns when there is none, or the limit is reached. */
  call(target: Program | undefined): void {
    if (target === undefined || this.#made === LIMIT) return;
    this.#made++;
    throw new Continuation(target);
  }

  /** Runs `program`, and what it goes on as, each by `start`; what the last one returned. */
  run<R>(program: Program, start: (program: Program) => R): R {
    for (let current = program; ;) {
      try {
        return start(current);
      } catch (signal) {
        if (!(signal instanceof Continuation)) throw signal;
        if (signal.program.type !== program.type) throw wrongType(signal.program, program);
        current = signal.program;
      }
    }
  }
}

const wrongType = (target: Program, caller: Program): HopmarkError =>
  new HopmarkError(
    "program-type",
    `program ${caller.name}, made with ${caller.type}(), cannot go on as ${target.name}, made with ${target.type}()`,
  );
