/** The guest's root file system: Node.js with its libraries, what the package ships, and the guest's own programs. */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { CpioWriter } from "./cpio.ts";
import { guestModules } from "./guest-modules.ts";
import { CASES, EXPECTED_OUTCOMES, GUEST_ROOT, INIT, MODULE_DIRECTORY, NODE } from "./places.ts";
import { inV8 } from "./rule-programs.ts";

export interface InitramfsOptions {
  /** The project, built. */
  readonly root: string;
  /** Kernel modules that the guest loads, as files. */
  readonly kernelModules: readonly string[];
}

/** Writes the archive to `path`. */
export const writeInitramfs = (path: string, { root, kernelModules }: InitramfsOptions): void => {
  const archive = new CpioWriter(path);
  // The kernel gives its first process /dev/console; Node.js wants something open in each of its standard streams.
  archive.characterDevice("/dev/console", 5, 1);
  archive.characterDevice("/dev/null", 1, 3);
  for (const directory of ["/proc", "/sys", "/run", "/tmp"]) archive.directory(directory);
  archive.copy(NODE, process.execPath);
  for (const module of kernelModules) archive.copy(`${MODULE_DIRECTORY}/${basename(module)}`, module);
  const product = productFiles(root);
  for (const file of product) archive.copy(`${GUEST_ROOT}/${file}`, join(root, file));
  const addons = product.filter((file) => file.endsWith(".node")).map((file) => join(root, file));
  for (const library of sharedLibraries([process.execPath, ...addons])) archive.copy(library, library);
  const guest = ["init", "suite"].map((name) => `tests/old-kernel/guest/${name}.ts`);
  const cases = below(root, CASES).filter((file) => file.endsWith(".bpf.ts"));
  for (const [file, code] of guestModules(root, [...guest, ...cases])) {
    archive.file(`${GUEST_ROOT}/${file}`, code);
  }
  archive.file(EXPECTED_OUTCOMES, JSON.stringify(inV8()));
  archive.file("/init", `#!${NODE}\nimport("${INIT}");\n`);
  archive.close();
};

/** Adds files to an archive that is there: the kernel unpacks one after the other. */
export const addFiles = (path: string, files: ReadonlyMap<string, string>): void => {
  const added = `${path}-added`;
  const archive = new CpioWriter(added);
  for (const [name, text] of files) archive.file(name, text, 0o644);
  archive.close();
  appendFileSync(path, readFileSync(added));
  rmSync(added);
};

/** Absolute paths, the dynamic loader's among them. */
const sharedLibraries = (programs: readonly string[]): ReadonlySet<string> => {
  const lines = programs.map((program) => execFileSync("ldd", [program], { encoding: "utf8" })).join("");
  return new Set([...lines.matchAll(/(?:^|\s)(\/\S+) \(0x/gm)].map(([, path = ""]) => path));
};

/** What an installation has: the package and the packages it needs at run time; and the package's modules. */
const productFiles = (root: string): readonly string[] => [
  "package.json",
  ...below(root, "bin"),
  ...below(root, "dist").filter((file) => !file.endsWith(".d.ts")),
  ...below(root, "build").filter((file) => file.endsWith(".js")),
  ...runtimePackages(root).flatMap((directory) => below(root, directory)),
];

interface LockedPackage {
  readonly dev?: boolean;
}

/** Directories of the packages that are needed at run time and are there: those of other platforms are not. */
const runtimePackages = (root: string): readonly string[] => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  return Object.entries(lock.packages).flatMap(([directory, { dev }]) =>
    directory !== "" && dev !== true && existsSync(join(root, directory)) ? [directory] : [],
  );
};

const below = (root: string, directory: string): readonly string[] =>
  readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((file) => statSync(join(root, file)).isFile());
