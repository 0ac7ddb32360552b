/** Keeps what is kept between starts from growing without end. */
import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";

export interface StoreLimits {
  readonly files: number;
  readonly bytes: number;
  /** Since it was last of use; {@link isStale} is what says that in time. */
  readonly ageMs: number;
}

const DAY_MS = 24 * 3600 * 1000;

const LIMITS: StoreLimits = { files: 512, bytes: 64 << 20, ageMs: 90 * DAY_MS };

/** Ours, and what a process that was killed left half written. */
const OURS = /\.json(\.\d+)?$/;
const HALF_WRITTEN_MS = 3600 * 1000;

/** Whether a file that is of use now was last marked so long ago that it should be marked again. */
export const isStale = (mtimeMs: number): boolean => Date.now() - mtimeMs > DAY_MS;

/**
 * Removes from a folder what is too old, and then the oldest until the rest is within the limits. Looks at every file, 3 µs each:
 * for whoever has just written one. What another process writes or removes meanwhile does no harm: a reader has its file open,
 * and what is missing is made again.
 */
export const trimStore = (folder: string, limits: StoreLimits = LIMITS): void => {
  const now = Date.now();
  const files = readdirSync(folder).flatMap((name) => fileAt(join(folder, name)));
  files.sort((one, other) => other.mtimeMs - one.mtimeMs);
  let [count, bytes] = [0, 0];
  for (const { path, size, mtimeMs, isHalfWritten } of files) {
    count++;
    bytes += size;
    const age = now - mtimeMs;
    const isTooOld = age > (isHalfWritten ? HALF_WRITTEN_MS : limits.ageMs);
    if (isTooOld || count > limits.files || bytes > limits.bytes) remove(path);
  }
};

interface KeptFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly isHalfWritten: boolean;
}

/** Nothing when it is not ours, or gone meanwhile. */
const fileAt = (path: string): KeptFile[] => {
  const ours = OURS.exec(path);
  const found = ours === null ? undefined : lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return [];
  return [{ path, size: found.size, mtimeMs: found.mtimeMs, isHalfWritten: ours?.[1] !== undefined }];
};

const remove = (path: string): void => {
  try {
    unlinkSync(path);
  } catch {
    // Another process was faster.
  }
};
