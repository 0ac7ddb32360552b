/**
 * What was made of users' files before, kept between starts: a script mostly starts unchanged, and then neither parser nor
 * translation is needed. One file for each file of a user's, below `$XDG_CACHE_HOME` or `~/.cache`. Where that does not
 * belong to who runs, cannot be written or makes no sense, nothing is kept, and nobody is told: all goes on as without.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { restoreTree, storableTree, type StoredTree } from "./stored-tree.ts";
import type { Ast } from "./parse.ts";

/** What a translation follows from: all of it is compared when it is read again. */
export interface TranslationOrigin {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  /** The module's name for people, which is in the code. */
  readonly url: string;
  /** The folder of the Hopmark whose entry points the code imports. */
  readonly hopmark: string;
}

export interface Translation {
  /** The specifiers of what the module imports at run time. */
  readonly imports: readonly string[];
  readonly code: string;
  /** The tree of a kernel module, which the compiler needs too. */
  readonly program?: Ast.Program | undefined;
}

interface Stored extends TranslationOrigin {
  readonly build: string;
  readonly imports: readonly string[];
  readonly code: string;
  readonly tree?: StoredTree;
}

/** Names this translator. The build puts a hash of all its code here; sources have none, and keep nothing. */
const BUILD = "@build@";

export const readTranslation = (origin: TranslationOrigin): Translation | undefined => {
  const folder = cacheFolder();
  if (folder === undefined) return undefined;
  try {
    if (!isOurs(folder.base) || !isPrivate(statSync(folder.path))) return undefined;
    const { build, file, text, url, hopmark, ...stored } = JSON.parse(
      readOwn(entryOf(folder.path, origin.file)),
    ) as Stored;
    const isSame =
      build === BUILD &&
      file === origin.file &&
      text === origin.text &&
      url === origin.url &&
      hopmark === origin.hopmark;
    if (!isSame) return undefined;
    return { ...stored, program: stored.tree === undefined ? undefined : restoreTree(stored.tree) };
  } catch {
    return undefined;
  }
};

export const writeTranslation = (origin: TranslationOrigin, { imports, code, program }: Translation): void => {
  const folder = cacheFolder();
  if (folder === undefined) return;
  const tree = program === undefined ? {} : { tree: storableTree(program) };
  const stored: Stored = { build: BUILD, ...origin, imports, code, ...tree };
  const entry = entryOf(folder.path, origin.file);
  // Whoever reads meanwhile reads the old one to its end.
  const beside = `${entry}.${process.pid}`;
  try {
    if (!existsSync(folder.base) && !isOurs(dirname(folder.base))) return;
    makeFolder(folder.base);
    if (!isOurs(folder.base)) return;
    makeFolder(folder.path);
    if (!isPrivate(statSync(folder.path))) return;
    writeFileSync(beside, JSON.stringify(stored), { flag: "wx", mode: 0o600 });
  } catch {
    return;
  }
  try {
    renameSync(beside, entry);
  } catch {
    unlinkSync(beside);
  }
};

/** Undefined where there is no place, or nothing to know the translator by. */
const cacheFolder = (): { readonly base: string; readonly path: string } | undefined => {
  const { XDG_CACHE_HOME: named = "", HOME: home = "" } = process.env;
  // A relative one is invalid and to be ignored (XDG Base Directory Specification).
  const base = isAbsolute(named) ? named : isAbsolute(home) ? join(home, ".cache") : undefined;
  return base === undefined || BUILD.startsWith("@") ? undefined : { base, path: join(base, "hopmark") };
};

/** The file's name is for people; two paths with one number would only replace each other. */
const entryOf = (folder: string, file: string): string => {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < file.length; i++) {
    low = Math.imul(low ^ file.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ file.charCodeAt(i), 0x5bd1e995);
  }
  const number = [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  return join(folder, `${basename(file)}-${number}.json`);
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
    if (!isPrivate(fstatSync(file))) throw new Error(`${path} is not ours`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
};
