/** What was made of users' files before: a script mostly starts unchanged, and then neither parser nor translation is needed. */
import { basename } from "node:path";
import { nameFor, ownStore } from "../kept/own-store.ts";
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
  /** The folder of the Hopmark whose entry points the code imports; empty where the code imports them by name. */
  readonly hopmark: string;
}

export interface Translation {
  /** The specifiers of what the module imports at run time. */
  readonly imports: readonly string[];
  readonly code: string;
  /** Undefined for a module that cannot run so, and where no module does. */
  readonly asFunction?: ModuleFunction | undefined;
  /** Makes the tree of a kernel module, which the compiler takes when it must compile. */
  readonly program?: (() => Ast.Program) | undefined;
}

interface Stored extends TranslationOrigin {
  readonly build: string;
  readonly imports: readonly string[];
  readonly code: string;
  readonly asFunction?: ModuleFunction | undefined;
  /** JSON of a {@link StoredTree}: mostly it stays unread. */
  readonly tree?: string;
}

export const readTranslation = (origin: TranslationOrigin): Translation | undefined => {
  const store = ownStore();
  const kept = store?.read(entryOf(origin));
  if (kept === undefined) return undefined;
  try {
    const { build, file, text, url, hopmark, tree, ...stored } = JSON.parse(kept) as Stored;
    const isSame =
      build === store?.build &&
      file === origin.file &&
      text === origin.text &&
      url === origin.url &&
      hopmark === origin.hopmark;
    if (!isSame) return undefined;
    return { ...stored, program: tree === undefined ? undefined : () => restoreTree(JSON.parse(tree) as StoredTree) };
  } catch {
    return undefined;
  }
};

export const writeTranslation = (
  origin: TranslationOrigin,
  { imports, code, asFunction, program }: Translation,
): void => {
  const store = ownStore();
  store?.keep(entryOf(origin), () => {
    const tree = program === undefined ? {} : { tree: JSON.stringify(storableTree(program())) };
    const stored: Stored = { build: store.build, ...origin, imports, code, asFunction, ...tree };
    return JSON.stringify(stored);
  });
};

const entryOf = ({ file }: TranslationOrigin): string => nameFor(basename(file), file);
