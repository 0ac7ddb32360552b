/**
 * What tracing programs see of the running kernel, for the editor. These interfaces are empty here: `hopmark types NAME`
 * writes the declarations of a tracepoint, an iterator and the structures they lead to, which merge into them. The compiler
 * does not read those: it asks the kernel.
 */

/** The tracepoints that are declared, each with its arguments. */
export interface Tracepoints {}

/** The iterators that are declared, each with what its programs are called with. */
export interface Iterators {}

/** The structures that are declared, by their names in C. */
export interface KernelStructures {}

declare const target: unique symbol;

/** A pointer to what is no structure, by its type in C: `KernelPointer<"char">`. Its bytes are read with `probeRead` or `copyString`. */
export interface KernelPointer<C extends string = string> {
  readonly [target]: C;
}
