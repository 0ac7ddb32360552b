import { variable } from "../../kernel/maps.ts";
import { u64 } from "../../wire/layout.ts";

/** TAI less the wall clock, ns: user space keeps it, because programs can read TAI but not the wall clock. */
export const taiOffset = variable(u64, 0n, { name: "tai_offset" });
