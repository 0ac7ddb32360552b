/**
 * Which files of tests can share a process, by what they import. They start no program and no thread, so far as they import; and they
 * reach the kernel, if at all, through programs that they load and run and close: no namespace, interface or socket is theirs.
 * So nothing of the process is left changed for the next file.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Other programs, threads, networks, ways to load modules. Files and clocks are read by many; each file has its own directory. */
export const BEYOND = /^node:(?:child_process|cluster|dgram|http|inspector|module|net|tls|v8|worker_threads)$/;
/** What makes system calls. */
const SYSTEM_CALLS = "koffi";
/** Rooms of namespaces, interfaces, sockets and labs. */
const NETWORKS = /^src\/(?:linux|lab)\//;
/** Helpers of tests that use these rooms and put back what they change. */
const PUT_BACK: ReadonlySet<string> = new Set(["tests/fuzz/pin-cpu.ts"]);
/** In the test itself: changes its process, or takes modules anew. */
const CHANGES =
  /\bvi\.(?!spyOn\b|fn\b)\w+|\bprocess\.(?:chdir|exitCode|kill|on|once|setuid|umask)\b|\bprocess\.env\S* = /;
/** Imports and exports of values, and `import("…")`. */
const IMPORTS = /^\s*(?:import|export)\s(?!type\s)(?:[^"';]*?\sfrom\s+)?"([^"]+)";|\bimport\("([^"]+)"\)/gm;

/** From the project's root. */
export const sharingTests = (): string[] =>
  ["src", "tests"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
    )
    .filter((file) => file.endsWith(".test.ts") && canShare(file))
    .sort();

const canShare = (test: string): boolean => {
  if (CHANGES.test(textOf(test))) return false;
  const everything = loadedBy(test, () => true);
  if ([...everything].some((target) => BEYOND.test(target))) return false;
  if (!everything.has(SYSTEM_CALLS)) return true;
  const own = loadedBy(test, (file) => isOfTests(file) && !PUT_BACK.has(file));
  return ![...own].some((target) => NETWORKS.test(target));
};

/** The test, and what it imports and so on, as far as `enter` says. */
const loadedBy = (test: string, enter: (file: string) => boolean): ReadonlySet<string> => {
  const loaded = new Set([test]);
  // A set also tells what is added while it is walked through.
  for (const file of loaded) if (enter(file)) for (const target of importsOf(file)) loaded.add(target);
  return loaded;
};

/** The test itself, and helpers of tests. */
const isOfTests = (file: string): boolean => /^tests\/|\/(?:fixtures|testing|test-support)\/|\.test\.ts$/.test(file);

const kept = new Map<string, readonly string[]>();
/** Files from the project's root, packages by their names. A test's text can hold modules of which there are no files. */
const importsOf = (file: string): readonly string[] => {
  let targets = kept.get(file);
  if (targets === undefined) {
    const isFile = file.endsWith(".ts") && existsSync(join(root, file));
    const found = isFile ? [...textOf(file).matchAll(IMPORTS)] : [];
    targets = found.map(([, fixed, late]) => targetOf(file, fixed ?? late ?? ""));
    kept.set(file, targets);
  }
  return targets;
};

const targetOf = (importer: string, specifier: string): string => {
  if (specifier.startsWith(".")) return join(importer, "..", specifier);
  return specifier.replace(/^hopmark\/(\w+)$/, "src/$1/index.ts");
};

const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
