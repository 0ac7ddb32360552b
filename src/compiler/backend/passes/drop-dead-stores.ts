/**
 * Removes stores whose every byte is written again before anything reads it: a bit field set four times is written
 * once. Within a block; maps are left alone, since other CPUs look on.
 */
import type { Block, Node, Space, SsaFunction } from "../../ssa/ir.ts";
import { isPrivate, keyOfRoot, mayMeet, rootOf, touchesAnything } from "./memory-places.ts";

export const dropDeadStores = (fn: SsaFunction): void => {
  for (const block of fn.blocks) {
    if (!block.nodes.some(({ op }) => op === "store")) continue;
    const dead = deadStores(block);
    if (dead.size > 0) block.nodes = block.nodes.filter((node) => !dead.has(node));
  }
};

interface Written {
  readonly root: Node;
  readonly space: Space;
  /** Offsets that will be written before they are read. */
  readonly bytes: Set<number>;
}

const deadStores = (block: Block): Set<Node> => {
  const dead = new Set<Node>();
  const written = new Map<string, Written>();
  for (let i = block.nodes.length - 1; i >= 0; i--) {
    const node = block.nodes[i]!;
    if (touchesAnything(node)) {
      written.clear();
    } else if (node.op === "load" && written.size > 0) {
      read(node, written);
    } else if (node.op === "store" && isPrivate(node.space)) {
      const root = rootOf(node);
      const key = keyOfRoot(root);
      let known = written.get(key);
      if (known === undefined) {
        known = { root, space: node.space, bytes: new Set() };
        written.set(key, known);
      }
      let fresh = false;
      for (let byte = node.offset; byte < node.offset + node.size; byte++) {
        if (known.bytes.has(byte)) continue;
        known.bytes.add(byte);
        fresh = true;
      }
      if (!fresh) dead.add(node);
    }
  }
  return dead;
};

const read = (load: Node, written: Map<string, Written>): void => {
  const root = rootOf(load);
  const own = keyOfRoot(root);
  for (const [key, known] of written) {
    if (key === own) {
      for (let byte = load.offset; byte < load.offset + load.size; byte++) known.bytes.delete(byte);
    } else if (mayMeet(root, load.space, known.root, known.space)) {
      written.delete(key);
    }
  }
};
