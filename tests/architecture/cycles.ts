/** Cycles in a graph of imports. */

/**
 * The strongly connected parts of more than one node, and nodes that import themselves, each in order of name
 * (Tarjan 1972). Edges to names that are not keys are left out.
 */
export const cycles = (graph: ReadonlyMap<string, readonly string[]>): string[][] => {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): number => {
    const number = order.size;
    order.set(node, number);
    low.set(node, number);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!graph.has(next)) continue;
      const reached = order.has(next) ? (stack.includes(next) ? order.get(next)! : number) : visit(next);
      low.set(node, Math.min(low.get(node)!, reached));
    }
    if (low.get(node) === number) {
      const part = stack.splice(stack.indexOf(node)).sort();
      if (part.length > 1 || graph.get(node)!.includes(node)) found.push(part);
    }
    return low.get(node)!;
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
};
