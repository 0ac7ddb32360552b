import { ConfigError } from "../../errors.ts";

/**
 * The word among `known` that `typed` is, or abbreviates. ConfigError when it abbreviates several; undefined when none.
 * iproute2 takes the first of several; that makes a typing slip act on the wrong thing.
 */
export const matchWord = (typed: string, known: readonly string[], what: string): string | undefined => {
  if (known.includes(typed)) return typed;
  const candidates = typed === "" ? [] : known.filter((word) => word.startsWith(typed));
  if (candidates.length > 1) throw new ConfigError(`${what} "${typed}" may be ${candidates.join(" or ")}`);
  return candidates[0];
};
