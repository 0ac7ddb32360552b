/**
 * Prototypes of the kernel functions that programs call. Loaders hold an object's prototype against the kernel's own
 * (number of parameters, and the kind of each: integer, pointer, structure), so an object has to state it.
 */
import { HopmarkError } from "../../errors.ts";
import type { BtfBuilder } from "./btf-builder.ts";

/** `*` and a word: a pointer to that structure; `void*` and `int*` as in C. */
type KernelType = "void" | "int" | "void*" | "int*" | `*${string}`;

interface Prototype {
  readonly result: KernelType;
  readonly parameters: readonly KernelType[];
}

/** kernel/bpf/helpers.c and kernel/bpf/bpf_iter.c. */
const PROTOTYPES: ReadonlyMap<string, Prototype> = new Map<string, Prototype>([
  ["bpf_cast_to_kern_ctx", { result: "void*", parameters: ["void*"] }],
  ["bpf_rdonly_cast", { result: "void*", parameters: ["void*", "int"] }],
  ["bpf_rcu_read_lock", { result: "void", parameters: [] }],
  ["bpf_rcu_read_unlock", { result: "void", parameters: [] }],
  ["bpf_iter_num_new", { result: "int", parameters: ["*bpf_iter_num", "int", "int"] }],
  ["bpf_iter_num_next", { result: "int*", parameters: ["*bpf_iter_num"] }],
  ["bpf_iter_num_destroy", { result: "void", parameters: ["*bpf_iter_num"] }],
]);

/** Type id of the function, declared and not defined. */
export const kernelFunctionType = (builder: BtfBuilder, name: string): number => {
  const prototype = PROTOTYPES.get(name);
  if (prototype === undefined) {
    throw new HopmarkError("object", `an object cannot name the kernel function ${name}: its prototype is not known`, {
      hint: "attach the program with hopmark itself, which asks the running kernel",
    });
  }
  const structures = new Map<string, number>();
  const typeId = (type: KernelType): number => {
    if (type === "void") return 0;
    if (type === "int") return builder.int("int", 32, true);
    if (type === "void*") return builder.pointer(0);
    if (type === "int*") return builder.pointer(builder.int("int", 32, true));
    const struct = type.slice(1);
    const known = structures.get(struct) ?? builder.struct(struct, 0, []);
    structures.set(struct, known);
    return builder.pointer(known);
  };
  const parameters = prototype.parameters.map((type, index) => ({ name: `argument${index}`, type: typeId(type) }));
  return builder.function(name, builder.functionPrototype(typeId(prototype.result), parameters), "extern");
};
