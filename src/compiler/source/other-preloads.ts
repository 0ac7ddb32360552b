/** What else Node.js was told to load before the script, and whether that leaves the loading of modules alone. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface Preload {
  readonly kind: "require" | "import";
  readonly name: string;
}

/**
 * Whether all has been loaded that was to be, and nothing of it reaches for what loads modules: dotenv, say. Of `own` modules
 * to load first, one or none, Hopmark is the last. What others write is read, since what they have done cannot be asked for.
 */
export const arePreloadsHarmless = (own: number): boolean => {
  const preloads = preloadsOf(nodeOptions());
  if (preloads.length <= own) return true;
  if (/["'\\]/.test(process.env["NODE_OPTIONS"] ?? "")) return false;
  // Node.js requires what it is to require, and then imports.
  const inOrder = [
    ...preloads.filter(({ kind }) => kind === "require"),
    ...preloads.filter(({ kind }) => kind === "import"),
  ];
  const others = own === 0 ? inOrder : inOrder.slice(0, -1);
  if (others.some(({ kind }) => kind === "import")) return false;
  // What `require()` has loaded so far, by file.
  const required = Reflect.get(nodeModule().Module, "_cache") as object;
  return (own === 0 || isOwn(inOrder.at(-1)!.name)) && areHarmless(Object.keys(required));
};

/** What Node.js was started with: the environment's options first, as it takes them. */
export const nodeOptions = (): readonly string[] => {
  const inEnvironment = process.env["NODE_OPTIONS"];
  return inEnvironment === undefined ? process.execArgv : [...inEnvironment.split(/\s+/), ...process.execArgv];
};

const preloadsOf = (options: readonly string[]): Preload[] => {
  const preloads: Preload[] = [];
  for (let at = 0; at < options.length; at++) {
    const option = options[at]!;
    const equals = option.indexOf("=");
    const flag = equals < 0 ? option : option.slice(0, equals);
    if (option !== "-r" && flag !== "--require" && flag !== "--import") continue;
    const name = equals < 0 ? options[++at] : option.slice(equals + 1);
    preloads.push({ kind: flag === "--import" ? "import" : "require", name: name ?? "" });
  }
  return preloads;
};

/** Not imported above: it takes Node.js half a millisecond, and mostly nobody asks. */
const nodeModule = () => process.getBuiltinModule("node:module");

const ownFile = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One that is loaded later has not run yet. */
const isOwn = (name: string): boolean => {
  if (name === "hopmark/register") return true;
  try {
    return (
      nodeModule()
        .createRequire(`${process.cwd()}/`)
        .resolve(name)
        .replace(/\.c?js$/, "") === ownFile("./register")
    );
  } catch {
    return false;
  }
};

/** More files than these are more than something small. */
const MOST = 32;

/** By which one gets at `Module`, its parts, or hooks; `import` brings what no cache lists. */
const reaching =
  /["'`](?:node:)?module["'`]|\.\s*constructor\b|\b(?:extensions|_extensions|_load|_compile|_resolveFilename|runMain|mainModule|getBuiltinModule|binding|internalBinding|dlopen|registerHooks)\b|\bimport\s*\(|^\s*(?:import|export)\b/m;

/** What Hopmark brings: when it is not built, its parser too. */
const isHopmarks = (file: string): boolean =>
  file.startsWith(ownFile("../../")) || /\/node_modules\/@?oxc-parser\//.test(file);

const areHarmless = (files: readonly string[]): boolean => {
  const others = files.filter((file) => !isHopmarks(file));
  return others.length <= MOST && others.every((file) => isHarmless(file));
};

const isHarmless = (file: string): boolean => {
  if (file.endsWith(".json")) return true;
  try {
    return /\.c?js$/.test(file) && !reaching.test(readFileSync(file, "utf8"));
  } catch {
    return false;
  }
};
