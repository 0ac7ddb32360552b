/** Members that are not there: undefined to who asks for them, and a slip to who needs their value. */
import { instead } from "../nearest.ts";
import type { Unit } from "./unit.ts";
import { isStatic, type Value } from "./values.ts";

/** Refuses the member that was read as undefined, where a value is needed; anything else goes on. */
export const refuseAbsent = (unit: Unit, value: Value): void => {
  if (!isStatic(value) || value.absent === undefined) return;
  const { name, known, node } = value.absent;
  unit.refuse("HM1005", `the object has no ${name}${instead(name, known)}`, node);
};
