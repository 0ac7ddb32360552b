/** Machine code of a program with all functions that it calls. */
import { emit, type EmitOptions } from "./backend/emit.ts";
import type { FunctionCode } from "./backend/code/encode.ts";
import { link, type LinkedFunction } from "./backend/link.ts";
import type { EvaluatedProgram } from "./frontend/evaluate.ts";
import type { MachineCode } from "./object/machine-code.ts";
import type { SsaFunction } from "./ssa/ir.ts";

/**
 * Uses the functions up. What nothing calls is left out: the kernel refuses code that cannot be reached. The order is that in
 * which libbpf puts functions behind a program.
 */
export const emitAll = (program: EvaluatedProgram, options: EmitOptions = {}): MachineCode => {
  const known = new Map(program.subprograms.map((each) => [each.fn, each]));
  const linked = new Map<SsaFunction, LinkedFunction>();
  const add = ({ calls }: FunctionCode): void => {
    for (const { callee } of calls) {
      if (linked.has(callee)) continue;
      const { name, subprogram, parameterNames, position } = known.get(callee)!;
      const parameters = parameterNames.map((own, at) => ({ name: own, type: subprogram.parameters[at]! }));
      const code = emit(callee, options);
      linked.set(callee, { fn: callee, code, name, parameters, result: subprogram.result, position });
      add(code);
    }
  };
  const main = emit(program.fn, options);
  add(main);
  return link(main, [...linked.values()]);
};
