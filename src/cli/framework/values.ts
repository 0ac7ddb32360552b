/** Readers of values: text to what it means, or an Error that says what would do. */
import { didYouMean } from "../../compiler/nearest.ts";

/** A whole number, decimal or `0x…`, from `least` to `most`. */
export const integer =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new Error(`"${text}" is not a number from ${least} to ${most}`);
  };

/** Seconds above 0; fractions are fine. */
export const seconds = (text: string): number => {
  const value = /^(\d+\.?\d*|\.\d+)s?$/.test(text) ? Number(text.replace(/s$/, "")) : NaN;
  if (value > 0 && value <= 1e9) return value;
  throw new Error(`"${text}" is not a number of seconds above 0`);
};

/** One of a few words. */
export const oneOf =
  <const T extends string>(...words: readonly T[]) =>
  (text: string): T => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new Error(`"${text}" is not ${words.join(" or ")}${didYouMean(text, words)}`);
  };
