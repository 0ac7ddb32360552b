/** Random statements. */
import { assignVariable, writePlace } from "./assignments.ts";
import { sumOfPacket } from "./bytes.ts";
import { branch, earlyReturn, narrowingBranch, stairs, switchOn } from "./branches.ts";
import { arrayStatement } from "./arrays.ts";
import { callForEffect } from "./calls.ts";
import { declare } from "./declarations.ts";
import { found, gathered } from "./finders.ts";
import { labelledBlock, leaveLabel } from "./labels.ts";
import { loop } from "./loops.ts";
import { mapStatement } from "./maps.ts";
import { contextStatement, loadInto, loadTargets, movePacket, packetView, tailCall, viewWithin } from "./packets.ts";
import { observe } from "./observe.ts";
import { routeLookup } from "./routes.ts";
import { ringOutput, ringRecord } from "./rings.ts";
import { socketsOf, storageStatement } from "./storage.ts";
import type { Writing } from "./writing.ts";

/** Statements up to `count`, as far as the budget goes. */
export const statements = (w: Writing, count: number): void => {
  for (let at = 0; at < count && w.budget > 0; at++) statement(w);
};

/** A body of one to three statements. */
export const body = (w: Writing): void => statements(w, w.random.between(1, w.realLoops > 0 ? 2 : 3));

const MAX_NESTING = 5;

const statement = (w: Writing): void => {
  w.budget--;
  const inside = w.nesting < MAX_NESTING ? 1 : 0;
  const program = w.inHelper ? 0 : 1;
  const context = w.hasContext ? 1 : 0;
  const targets = loadTargets(w);
  const hasViews = w.scope.views().length > 0;
  w.random.weighted<() => void>([
    [12, () => declare(w)],
    [6, () => assignVariable(w)],
    [hasViews ? 12 : 3, () => writePlace(w)],
    [8 * inside, () => branch(w, body)],
    [3 * inside, () => narrowingBranch(w, body)],
    [2 * inside, () => switchOn(w, body)],
    [1 * inside * (w.noExit === 0 ? 1 : 0), () => labelledBlock(w, body)],
    [w.labels.length > 0 ? 3 : 0, () => leaveLabel(w)],
    [w.finders.length > 0 ? 5 * inside * context : 0, () => found(w, body)],
    [w.gatherers.length > 0 ? 4 * context : 0, () => gathered(w)],
    [4 * inside * (w.loops < 2 ? 1 : 0), () => loop(w, body)],
    [(hasViews ? 4 : 12) * inside * context, () => packetView(w, body)],
    [hasViews ? 3 * inside : 0, () => viewWithin(w, body)],
    [w.parts.maps.length === 0 ? 0 : 7 * inside, () => mapStatement(w, body)],
    [targets.length > 0 ? 4 * context : 0, () => loadInto(w, targets)],
    [w.parts.rings.length === 0 || w.noExit > 0 ? 0 : 2 * inside * program, () => ringRecord(w, body)],
    [w.parts.rings.length === 0 || !hasViews ? 0 : 2 * program, () => ringOutput(w)],
    [w.helpers.length > 0 ? 1 : 0, () => callForEffect(w)],
    [2, () => earlyReturn(w)],
    [2, () => stairs(w)],
    [2, () => arrayStatement(w)],
    [3, () => observe(w)],
    [w.random.chance(0.1) ? 1 : 0, () => w.line(";")],
    [1 * context, () => sumOfPacket(w)],
    [1 * context, () => routeLookup(w)],
    [2 * context, () => contextStatement(w)],
    [socketsOf(w).length > 0 ? 6 * inside : 0, () => storageStatement(w, body)],
    [w.loops === 0 && w.noExit === 0 ? 2 * program : 0, () => movePacket(w)],
    [w.hasTarget && w.loops === 0 && w.noExit === 0 ? 2 * program : 0, () => tailCall(w)],
  ])();
};
