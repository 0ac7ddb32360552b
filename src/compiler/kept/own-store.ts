/**
 * What is kept between starts: one file for each thing, below `$XDG_CACHE_HOME` or `~/.cache`, within limits
 * (`trim-store.ts`). Where that does not belong to who runs, cannot be written or makes no sense, nothing is kept, and nobody is
 * told: all goes on as without.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  futimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { isStale, trimStore } from "./trim-store.ts";

/**
 * Names this Hopmark. The build puts a hash of all its code here; sources have none, and keep nothing. (No string, which the
 * bundler would compare before it has the hash.)
 */
const BUILD = /@build@/.source;

/** Where things are kept by name. */
export interface Store {
  /** What is kept has it in it: another build may read it otherwise. */
  readonly build: string;
  /** What was kept under a name; undefined where there is nothing, or nothing to be trusted. */
  read(name: string): string | undefined;
  /** Keeps what `content` makes, if there is a place for it. */
  keep(name: string, content: () => string): void;
}

/** Undefined in the sources, which nothing names. */
export const ownStore = (): Store | undefined => (BUILD.startsWith("@") ? undefined : { build: BUILD, read, keep });

/** Where nobody else may write: only who may write there anyway could change that while a script starts. */
let trusted: string | undefined;

const read = (name: string): string | undefined => {
  const folder = storeFolder();
  if (folder === undefined) return undefined;
  try {
    if (trusted !== folder.path) {
      if (!isOurs(folder.base) || !isPrivate(statSync(folder.path))) return undefined;
      trusted = folder.path;
    }
    return readOwn(join(folder.path, name));
  } catch {
    return undefined;
  }
};

const keep = (name: string, content: () => string): void => {
  const folder = storeFolder();
  if (folder === undefined) return;
  const entry = join(folder.path, name);
  // Whoever reads meanwhile reads the old one to its end.
  const beside = `${entry}.${process.pid}`;
  try {
    if (!existsSync(folder.base) && !isOurs(dirname(folder.base))) return;
    makeFolder(folder.base);
    if (!isOurs(folder.base)) return;
    makeFolder(folder.path);
    if (!isPrivate(statSync(folder.path))) return;
    writeFileSync(beside, content(), { flag: "wx", mode: 0o600 });
  } catch {
    return;
  }
  try {
    renameSync(beside, entry);
    trimStore(folder.path);
  } catch {
    if (existsSync(beside)) unlinkSync(beside);
  }
};

/** A name for what belongs to `text`, readable by its beginning; two texts with one number would only replace each other. */
export const nameFor = (readable: string, text: string): string => {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < text.length; i++) {
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(i), 0x5bd1e995);
  }
  const number = [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  return `${readable}-${number}.json`;
};

/** Undefined where there is no place. */
const storeFolder = (): { readonly base: string; readonly path: string } | undefined => {
  const { XDG_CACHE_HOME: named = "", HOME: home = "" } = process.env;
  // A relative one is invalid and to be ignored (XDG Base Directory Specification).
  const base = isAbsolute(named) ? named : isAbsolute(home) ? join(home, ".cache") : undefined;
  return base === undefined ? undefined : { base, path: join(base, "hopmark") };
};

/** Those above it must be there. (In /proc, Node.js 20 never comes back from `recursive`.) */
const makeFolder = (path: string): void => {
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
};

/** With another's home, as `sudo` may leave it, others could put into root's cache what they like. */
const isOurs = (path: string): boolean => statSync(path).uid === process.geteuid?.();

const isPrivate = ({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean =>
  uid === process.geteuid?.() && (mode & 0o022) === 0;

const readOwn = (path: string): string => {
  const file = openSync(path, "r");
  try {
    const found = fstatSync(file);
    if (!isPrivate(found)) throw new Error(`${path} is not ours`);
    if (isStale(found.mtimeMs)) futimesSync(file, new Date(), new Date());
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
};
