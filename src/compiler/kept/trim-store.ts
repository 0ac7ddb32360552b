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

const LIMITS: StoreLimits = { files: 2048, bytes: 64 << 20, ageMs: 90 * DAY_MS };

/** What is left of a store that was too large, so that it is not so again at once. */
const REST = 0.75;

/** Files are looked at, 3 µs each, where there are few, and of more whenever so many have come. */
const STEP = 64;

/** Ours, and what a process that was killed left half written. */
const OURS = /\.(?:json|code)(\.\d+)?$/;
const HALF_WRITTEN_MS = 3600 * 1000;

/** Whether a file that is of use now was last marked so long ago that it should be marked again. */
export const isStale = (mtimeMs: number): boolean => Date.now() - mtimeMs > 60_000;

/**
 * Removes from a folder what is too old and, where the rest is too much, what was not of use for longest: for whoever has just
 * written a file. What another process writes or removes meanwhile does no harm: a reader has its file open, and what is missing
 * is made again.
 */
export const trimStore = (folder: string, limits: StoreLimits = LIMITS): void => {
  const names = readdirSync(folder);
  if (names.length > STEP && names.length % STEP !== 0 && names.length <= limits.files) return;
  const now = Date.now();
  const files = names.flatMap((name) => fileAt(join(folder, name)));
  const isTooOld = ({ mtimeMs, isHalfWritten }: KeptFile): boolean =>
    now - mtimeMs > (isHalfWritten ? HALF_WRITTEN_MS : limits.ageMs);
  for (const { path } of files.filter(isTooOld)) remove(path);
  const rest = files.filter((file) => !isTooOld(file)).toSorted((one, other) => other.mtimeMs - one.mtimeMs);
  const total = rest.reduce((sum, { size }) => sum + size, 0);
  if (rest.length <= limits.files && total <= limits.bytes) return;
  let [count, bytes] = [0, 0];
  for (const { path, size } of rest) {
    count++;
    bytes += size;
    if (count > limits.files * REST || bytes > limits.bytes * REST) remove(path);
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
