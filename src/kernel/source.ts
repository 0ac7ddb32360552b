/**
 * Where kernel functions come from. The source transform (compiler/source) wraps every function expression of a
 * `*.bpf.ts` module in a call to {@link kernelFunction}, which notes the function's place in the module's text and a
 * thunk that returns the values of its free names. The compiler finds them here by the function's identity.
 */

/** A `*.bpf.ts` module: its name for people and its TypeScript text as written. */
export interface SourceModule {
  readonly url: string;
  readonly text: string;
}

/** A place in a module's text: offset in UTF-16 units, as JavaScript strings count. */
export interface Position {
  readonly module: SourceModule;
  /** UTF-16 units from the text's start. */
  readonly offset: number;
}

/** Where a function of a kernel module is written, and what it uses from around it. */
export interface FunctionSource {
  readonly module: SourceModule;
  /** Offset of the function's first character (`function`, `async`, or an arrow's parameters) in the module's text. */
  readonly start: number;
  /** The values, now, of the names the function uses and does not declare; globals are left out. */
  readonly captures: () => Readonly<Record<string, unknown>>;
  /** Of the variable that is declared as the result of a call with this function: `count` of `const count = xdp((ctx) => …)`. */
  readonly variable: string | undefined;
}

const sources = new WeakMap<Function, FunctionSource>();

/** Called by transformed modules, once per function value. Returns the function. */
export const kernelFunction = <F extends Function>(
  fn: F,
  module: SourceModule,
  start: number,
  captures: () => Readonly<Record<string, unknown>>,
  variable?: string,
): F => {
  sources.set(fn, { module, start, captures, variable });
  return fn;
};

/** The source of a function that came from a transformed module, or undefined. */
export const sourceOf = (fn: Function): FunctionSource | undefined => sources.get(fn);

/** The module's path where it has one, as people and editors write it: `file:` says nothing to them. */
export const fileOf = ({ url }: SourceModule): string =>
  url.startsWith("file://") ? decodeURIComponent(new URL(url).pathname) : url;

/** 1-based line and column (UTF-16 units) of a position, and the text of its line. */
export const locate = (position: Position): { line: number; column: number; text: string } => {
  const { text } = position.module;
  const start = text.lastIndexOf("\n", position.offset - 1) + 1;
  const end = text.indexOf("\n", position.offset);
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < position.offset; at = text.indexOf("\n", at + 1)) line++;
  return { line, column: position.offset - start + 1, text: text.slice(start, end === -1 ? undefined : end) };
};
