/** Calls of the module's helper functions. */
import { exactBigint } from "./bigint-text.ts";
import { numberWithin } from "./number-text.ts";
import { address } from "./addresses.ts";
import type { HelperParameter, HelperPart, ResultKind, Shape } from "./parts.ts";
import type { ViewVariable } from "./scope.ts";
import type { Writing } from "./writing.ts";

/** A call whose arguments are in reach, or null. */
export const helperCall = (
  w: Writing,
  kind: ResultKind,
): { readonly text: string; readonly result: HelperPart["result"] } | null => {
  const views = w.scope.views().filter((view) => view.writable);
  const fitting = (shape: Shape): ViewVariable[] => views.filter((view) => view.shape === shape);
  const isAtHand = (parameter: HelperParameter): boolean =>
    parameter.kind === "view" ? fitting(parameter.shape).length > 0 : parameter.kind !== "context" || w.hasContext;
  const callable = w.helpers.filter(({ result, parameters }) => result.kind === kind && parameters.every(isAtHand));
  if (callable.length === 0) return null;
  const helper = w.random.pick(callable);
  const args = helper.parameters.map((parameter) => {
    switch (parameter.kind) {
      case "number":
        return numberWithin(w, parameter.range.low, parameter.range.high, 1).text;
      case "bigint":
        return exactBigint(w, 1).text;
      case "boolean":
        return w.expressions.condition(w, 0);
      case "address":
        return address(w, parameter.family, 0);
      case "context":
        return "ctx";
      case "view":
        return w.random.pick(fitting(parameter.shape)).name;
    }
  });
  return { text: `${helper.name}(${args.join(", ")})`, result: helper.result };
};

/** A call for what it does. */
export const callForEffect = (w: Writing): void => {
  const call = helperCall(w, "nothing");
  if (call !== null) w.line(`${call.text};`);
};
