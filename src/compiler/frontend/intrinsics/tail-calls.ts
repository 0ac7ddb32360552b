/** Going on as another program. */
import { oneKind, ProgramArray } from "../../../kernel/program-array.ts";
import { madeWith } from "../../../kernel/program.ts";
import { programTypes } from "../../program-types/index.ts";
import { U32_MAX } from "../../ssa/range.ts";
import { proofAdvice } from "../fresh-reads.ts";
import { requireFinished } from "../records.ts";
import { undefinedValue, type Value } from "../values.ts";
import { Helper } from "./helper.ts";
import {
  argument,
  kernelCall,
  numberArgument,
  wrongArgument,
  type IntrinsicCall,
  type IntrinsicEntry,
} from "./intrinsic.ts";
import { mapOf } from "./map-receiver.ts";

const tailCall = (call: IntrinsicCall): Value => {
  const { unit, node } = call;
  const { builder } = unit;
  const map = mapOf(call);
  if (!(map instanceof ProgramArray))
    return unit.refuse("HM1007", `${map.name} is no program array; declare it with programArray(…)`, node);
  const [listed] = map.programs.values();
  if (listed !== undefined && madeWith(listed) !== madeWith(unit)) {
    return unit.refuse(
      "HM1007",
      `program array ${map.name} holds programs made with ${madeWith(listed)}, and this one is made with ${madeWith(unit)}; ${oneKind(listed.type === unit.type)}`,
      node,
    );
  }
  if (argument(call, 0, "the context").kind !== "context")
    return wrongArgument(call, 0, "the program's context", "pass the ctx that its function is called with");
  const index = numberArgument(call, 1, "the index");
  if (index.low < 0n || index.high > U32_MAX) {
    const range = `it is in ${index.low}..${index.high}`;
    return unit.refuse(
      "HM1204",
      `the index must be proven to lie in 0..${U32_MAX}, ${range}; ${proofAdvice(unit, index, "test it first")}`,
    );
  }
  if (unit.isSubprogram || unit.iterators.length > 0) {
    const where = unit.isSubprogram
      ? "from a subprogram, which returns to its caller; return what decides, and call in the program itself"
      : "out of a range() loop; keep what decides in a variable, and call behind the loop";
    return unit.refuse("HM1306", `a program cannot go on as another ${where}`, node);
  }
  unit.blamed = null;
  requireFinished(unit, "before the tail call");
  builder.call(Helper.tailCall, [builder.context, builder.mapPointer(map), index.node]);
  // What was called may have moved the packet, as far as the kernel knows; it takes no older view.
  if (programTypes[unit.type].packet !== null) unit.newEpoch();
  return undefinedValue;
};

export const tailCallIntrinsics: readonly IntrinsicEntry[] = [kernelCall(ProgramArray.prototype.tailCall, tailCall)];
