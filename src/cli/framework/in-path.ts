import { existsSync } from "node:fs";

/** Whether there is a program of that name to start. */
export const isInPath = (name: string): boolean =>
  (process.env["PATH"] ?? "").split(":").some((directory) => existsSync(`${directory}/${name}`));
