import { statSync, type Stats } from "node:fs";

/** Whether two paths lead to one file. One that cannot be looked at leads to none: who opens it will say why. */
export const isSameFile = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map(look);
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
};

const look = (path: string): Stats | undefined => {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
};
