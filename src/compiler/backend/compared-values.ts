/** Where values are compared so that the verifier learns bounds, which it must still know where they are read again. */
import { type MachineFunction, Virtual } from "./machine.ts";

export const comparedValues = (fn: MachineFunction): Map<Virtual, number[]> => {
  const compared = new Map<Virtual, number[]>();
  for (const { instructions } of fn.blocks) {
    const { isTelling, left, right, index } = instructions.at(-1)!;
    if (!isTelling) continue;
    for (const operand of [left, right]) {
      if (!(operand instanceof Virtual)) continue;
      const list = compared.get(operand);
      if (list === undefined) compared.set(operand, [index * 2]);
      else list.push(index * 2);
    }
  }
  return compared;
};
