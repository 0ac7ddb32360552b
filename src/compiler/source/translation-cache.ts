/** What was made of users' files before: a script mostly starts unchanged, and then neither parser nor translation is needed. */
import { basename } from "node:path";
import { nameFor, ownStore, type Store } from "../kept/own-store.ts";
import type { ModuleFunction } from "./module-function.ts";
import { restoreTree, storableTree, type StoredTree } from "./stored-tree.ts";
import type { Ast } from "./parse.ts";

/** What a translation follows from: all of it is compared when it is read again. */
export interface TranslationOrigin {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  /** The module's name for people, which is in the code. */
  readonly url: string;
  /** Where the Hopmark is whose modules the code may import by path: its folder, or its package file where hooks resolve names. */
  readonly hopmark: string;
}

export interface Translation {
  /** The specifiers of what the module imports at run time. */
  readonly imports: readonly string[];
  readonly code: string;
  /** Undefined for a module that cannot run so, and where no module does. */
  readonly asFunction?: ModuleFunction | undefined;
  /** Makes the tree of a kernel module, which the compiler takes when it must compile; may throw. */
  readonly program?: (() => Ast.Program) | undefined;
}

interface Stored extends TranslationOrigin {
  readonly build: string;
  readonly imports: readonly string[];
  readonly code: string;
  readonly asFunction?: ModuleFunction | undefined;
  readonly hasTree?: true;
}

/** Apart from the rest: it is most of all, and mostly it stays unread. */
interface StoredBeside extends StoredTree {
  readonly build: string;
  readonly text: string;
}

export const readTranslation = (origin: TranslationOrigin): Translation | undefined => {
  const store = ownStore();
  const kept = store?.read(entryOf(origin));
  if (store === undefined || kept === undefined) return undefined;
  try {
    const { build, file, text, url, hopmark, hasTree, ...stored } = JSON.parse(kept) as Stored;
    const isSame =
      build === store.build &&
      file === origin.file &&
      text === origin.text &&
      url === origin.url &&
      hopmark === origin.hopmark;
    if (!isSame) return undefined;
    return { ...stored, program: hasTree && (() => readTree(store, origin)) };
  } catch {
    return undefined;
  }
};

/** Throws where it is of another text, or gone. */
const readTree = (store: Store, origin: TranslationOrigin): Ast.Program => {
  const tree = JSON.parse(store.read(treeOf(origin)) ?? "null") as StoredBeside | null;
  if (tree?.build !== store.build || tree.text !== origin.text) throw new Error(`no tree of ${origin.file} is kept`);
  return restoreTree(tree);
};

export const writeTranslation = (
  origin: TranslationOrigin,
  { imports, code, asFunction, program }: Translation,
): void => {
  const store = ownStore();
  if (store === undefined) return;
  const { build } = store;
  if (program !== undefined) {
    store.keep(treeOf(origin), () => {
      const stored: StoredBeside = { build, text: origin.text, ...storableTree(program()) };
      return JSON.stringify(stored);
    });
  }
  store.keep(entryOf(origin), () => {
    const stored: Stored = { build, ...origin, imports, code, asFunction, ...(program && { hasTree: true }) };
    return JSON.stringify(stored);
  });
};

const entryOf = ({ file }: TranslationOrigin): string => nameFor(basename(file), file);

const treeOf = ({ file }: TranslationOrigin): string => nameFor(`tree.${basename(file)}`, file);
