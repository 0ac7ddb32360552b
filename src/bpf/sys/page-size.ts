import { readFileSync } from "node:fs";

const AT_PAGESZ = 6n;
let size: number | undefined;

/** Bytes of a memory page, from the auxiliary vector: 4096 on x86-64, up to 65536 on arm64. */
export const pageSize = (): number => (size ??= readPageSize());

const readPageSize = (): number => {
  const bytes = readFileSync("/proc/self/auxv");
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    if (bytes.readBigUInt64LE(at) === AT_PAGESZ) return Number(bytes.readBigUInt64LE(at + 8));
  }
  return 4096;
};
