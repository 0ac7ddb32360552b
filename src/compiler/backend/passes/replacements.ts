/** Which node stands for which, while a pass is under way; chains are followed and shortened. */
import { IdMap } from "../../ssa/by-id.ts";
import type { Node, SsaFunction } from "../../ssa/ir.ts";

export class Replacements {
  readonly #by = new IdMap<Node, Node>();
  #isEmpty = true;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  has(node: Node): boolean {
    return this.#by.has(node);
  }

  set(node: Node, by: Node): void {
    this.#by.set(node, by);
    this.#isEmpty = false;
  }

  find(node: Node): Node {
    let last = this.#by.get(node);
    if (last === undefined) return node;
    for (let next = this.#by.get(last); next !== undefined; next = this.#by.get(last)) last = next;
    for (let at = node; at !== last;) {
      const next = this.#by.get(at)!;
      this.#by.set(at, last);
      at = next;
    }
    return last;
  }

  /** Lets every argument in the function be what stands for it. */
  apply(fn: SsaFunction): void {
    for (const { nodes } of fn.blocks) {
      for (const node of nodes) {
        for (let i = 0; i < node.args.length; i++) node.args[i] = this.find(node.args[i]!);
      }
    }
  }
}
