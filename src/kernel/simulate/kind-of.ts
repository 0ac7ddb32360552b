/** What somebody gave in place of something else, in words. */
export const kindOf = (value: unknown): string =>
  value === null || value === undefined
    ? String(value)
    : typeof value === "object"
      ? Array.isArray(value)
        ? "an array"
        : "an object"
      : `a ${typeof value}`;
