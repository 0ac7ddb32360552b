import type { ProgramType } from "../../kernel/program.ts";
import { ask } from "./probe.ts";
import { probeCall } from "./try-load.ts";

const known = new Map<string, boolean>();

/** Whether this kernel lets programs of a type call a helper (by number), asked once in a process; true when it could not be found out. */
export const mayCall = (type: ProgramType, helper: number): boolean => {
  const key = `${type} ${helper}`;
  let answer = known.get(key);
  if (answer === undefined) {
    answer = ask(() => probeCall(type, `helper ${helper}`, helper, 0)).answer !== "no";
    known.set(key, answer);
  }
  return answer;
};
