import { readFileSync } from "node:fs";

/** Last number of a CPU list such as `0-3,8`, plus one. */
export const countOfList = (list: string): number =>
  Math.max(
    ...list
      .trim()
      .split(/[,-]/)
      .map((number) => Number(number)),
  ) + 1;

let count: number | undefined;

/** CPUs the kernel could ever have, and for which per-CPU maps hold a value each; online ones may be fewer. */
export const possibleCpus = (): number =>
  (count ??= countOfList(readFileSync("/sys/devices/system/cpu/possible", "latin1")));
