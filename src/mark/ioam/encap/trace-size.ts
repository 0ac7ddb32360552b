import { ConfigError } from "../../../errors.ts";
import { maxTraceData } from "../../../wire/ioam/fields.ts";

/** ConfigError unless `size` is a trace's bytes of data: a multiple of 4 up to 244. */
export const checkTraceSize = (size: number): void => {
  if (Number.isInteger(size) && size >= 4 && size <= maxTraceData && size % 4 === 0) return;
  throw new ConfigError(`size ${size} is not a multiple of 4 from 4 to ${maxTraceData}`, {
    hint: `write size ${nearestSize(size)}`,
  });
};

const nearestSize = (size: number): number =>
  Math.min(maxTraceData, Math.max(4, Math.ceil((Number.isFinite(size) ? size : 4) / 4) * 4));
