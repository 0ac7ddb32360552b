/** `number` expressions as text with their range, and what makes them exact or fit. */
import { I32_MAX, I32_MIN, U32_MAX, isWithin, lesser, type Interval } from "./interval.ts";
import type { Writing } from "./writing.ts";

export interface NumberText extends Interval {
  /** An operand as it stands: parenthesised where it must be. */
  readonly text: string;
  /** Only the low 32 bits mean anything; `>>> 0` makes it exact. */
  readonly wrapped: boolean;
}

export const exact = (text: string, low: bigint, high: bigint): NumberText => ({ text, low, high, wrapped: false });
export const wrapped = (text: string): NumberText => ({ text, low: I32_MIN, high: I32_MAX, wrapped: true });

/** A number whose JavaScript value the register holds. */
export const exactNumber = (w: Writing, depth: number): NumberText => makeExact(w, w.expressions.number(w, depth));

const makeExact = (w: Writing, value: NumberText): NumberText => {
  if (!value.wrapped) return value;
  const form = w.random.below(4);
  if (form === 0) return exact(`(${value.text} >> 0)`, I32_MIN, I32_MAX);
  if (form === 1) {
    const mask = w.random.pick([0xff, 0xffff, 0x7fff_ffff, 0x3f0, 7]);
    return exact(`(${value.text} & ${mask})`, 0n, BigInt(mask));
  }
  return exact(`(${value.text} >>> 0)`, 0n, U32_MAX);
};

/** An exact number made to lie in `low..high`. */
export const numberWithin = (w: Writing, low: bigint, high: bigint, depth: number): NumberText =>
  fit(w, exactNumber(w, depth), low, high);

/** Masks, divides or clamps until the value fits. */
export const fit = (w: Writing, value: NumberText, low: bigint, high: bigint): NumberText => {
  if (!value.wrapped && isWithin(value, low, high)) return value;
  const { random } = w;
  const span = high - low;
  const offset = (text: string): string =>
    low === 0n ? text : low > 0n ? `(${text} + ${low})` : `(${text} - ${-low})`;
  if (low === I32_MIN && high === I32_MAX) return exact(`(${value.text} >> 0)`, low, high);
  if (low === 0n && high === U32_MAX) return exact(`(${value.text} >>> 0)`, low, high);
  if ((span & (span + 1n)) === 0n && span <= I32_MAX && random.chance(0.7)) {
    return exact(offset(`(${value.text} & ${span})`), low, high);
  }
  if (!value.wrapped && random.chance(0.4)) {
    if (value.low >= low) return exact(`Math.min(${value.text}, ${high})`, low, high);
    return exact(`Math.max(${low}, Math.min(${value.text}, ${high}))`, low, high);
  }
  const unsigned = value.wrapped || value.low < 0n ? exact(`(${value.text} >>> 0)`, 0n, U32_MAX) : value;
  if (span === 0n) return exact(String(low), low, high);
  return exact(offset(`(${unsigned.text} % ${span + 1n})`), low, lesser(high, low + unsigned.high));
};
