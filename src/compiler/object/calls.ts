import type { MachineCode } from "./machine-code.ts";

const CALL = 0x85;
const PSEUDO_CALL = 1;
const LOAD_IMMEDIATE_64 = 0x18;

/** Calls between the functions of a program: which slot calls the function that starts at which. */
export const callsOf = ({ instructions }: MachineCode): { readonly instruction: number; readonly target: number }[] => {
  const view = new DataView(instructions.buffer, instructions.byteOffset, instructions.byteLength);
  const calls: { instruction: number; target: number }[] = [];
  for (let at = 0; at < instructions.length / 8; at++) {
    const code = view.getUint8(at * 8);
    if (code === CALL && view.getUint8(at * 8 + 1) >> 4 === PSEUDO_CALL)
      calls.push({ instruction: at, target: at + 1 + view.getInt32(at * 8 + 4, true) });
    if (code === LOAD_IMMEDIATE_64) at++;
  }
  return calls;
};
