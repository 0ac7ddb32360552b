import { taiNs } from "../../kernel/helpers.ts";

/** ns of the wall clock: TAI steps with it and differs by whole seconds, which user space knows. */
export const wallClockNs = (taiOffsetNs: bigint): bigint => BigInt.asUintN(64, taiNs() - taiOffsetNs);
