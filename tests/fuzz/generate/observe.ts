/** Makes values visible: adds them, in order, to a global variable that is compared after the run. */
import type { Variable } from "./scope.ts";
import type { Writing } from "./writing.ts";

/** A `u64` variable that every module has. */
export const SEEN = "seen";

export const observe = (w: Writing): void => {
  const variables = w.scope.variables();
  if (variables.length > 0) note(w, w.random.pick(variables));
};

export const observeAll = (w: Writing): void => {
  for (const variable of w.scope.variables()) note(w, variable);
};

const note = (w: Writing, variable: Variable): void => {
  const value = textOf(variable);
  if (value !== null) w.line(`${SEEN}.value = ${SEEN}.value * 31n + ${value};`);
};

const textOf = (variable: Variable): string | null => {
  switch (variable.kind) {
    case "number":
      return variable.wrapped ? `BigInt(${variable.name} >>> 0)` : `BigInt(${variable.name})`;
    case "bigint":
      return variable.name;
    case "boolean":
      return `(${variable.name} ? 1n : 0n)`;
    case "address":
      return null;
  }
};
