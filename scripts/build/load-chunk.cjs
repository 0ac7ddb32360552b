"use strict";
/**
 * Loads the library's chunks, each once, with the code that V8 made of them: at build time where this is the same V8, else in an
 * earlier start.
 */
const {
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
} = require("node:fs");
const { dirname, isAbsolute, join } = require("node:path");
const { Script } = require("node:vm");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  throw Object.assign(new Error(`this is Node.js ${process.versions.node}, and Hopmark needs 20.19 or newer`), {
    code: "HOPMARK_INSTALLATION",
    hint: `install a newer one, or start the one that is: this is ${process.execPath}`,
  });
}

/** @type {Map<string, object>} what chunks export, by the names that they have for each other */
const loaded = new Map();

/** @type {Map<string, { script: Script, chunks: Record<string, Function> }>} files by their paths */
const files = new Map();

/** @param {string} name as chunks name each other: `./wire.cjs`, or `./base.tcp.cjs` for one in the file of another */
const loadChunk = (name) => {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const { chunks } = loadFile(`${__dirname}${name.slice(1, name.indexOf(".", 2))}.cjs`);
  // So many names end as a table in any case; begun as one, V8 makes no hidden class for each that is added.
  const exports = name === "./base.cjs" ? Object.create(null) : {};
  loaded.set(name, exports);
  chunks[name](exports, requireFromChunk, importModule, inDist, inPackage, native, runtime, loader);
  return exports;
};

const loadFile = (filename) => {
  const known = files.get(filename);
  if (known !== undefined) return known;
  // They are ASCII, so that V8 keeps them as the bytes they are; and as UTF-8 Node.js reads a file without JavaScript.
  const cachedData = isBuilders ? readCode(filename) : readKept(keptName(filename));
  const script = new Script(readFileSync(filename, "utf8"), { filename, cachedData });
  const file = { script, chunks: script.runInThisContext() };
  files.set(filename, file);
  if (!isBuilders && script.cachedDataRejected !== false) keepLater(filename, script);
  return file;
};

/** What the bundler's own runtime has for chunks, in less time. */
const runtime = {
  /** @param {Record<string, () => unknown>} all */
  __exportAll: (all) => {
    const namespace = { [Symbol.toStringTag]: "Module" };
    for (const name of Object.keys(all)) Object.defineProperty(namespace, name, { get: all[name], enumerable: true });
    return namespace;
  },
  /** A module of Node.js as its namespace. @param {object} module */
  __toESM: (module) => ({ __proto__: module, default: module }),
};

const requireFromChunk = (name) => (name.startsWith("./") ? loadChunk(name) : require(name));

const importModule = (url) => import(url);

/** @param {string} file as modules lie in `src` */
const inDist = (file) => join(__dirname, "..", file);

/** A file of a package. What Node.js does to find one takes a while, and the package mostly is here. */
const inPackage = (name, file) => atHand(name, file) ?? require.resolve(name);

const root = dirname(dirname(__dirname));
const places = [`${root}/node_modules`, dirname(root)];

const atHand = (name, file) => places.map((folder) => `${folder}/${name}/${file}`).find(existsSync);

/** A package's native half, where one of that version is at hand and fits this machine; or the package as Node.js finds it. */
const native = (name, version, system) => {
  try {
    const place = `${system}_${process.arch}`;
    const path = atHand(`@koromix/${name}-${system}-${process.arch}`, `${place}/${name}.node`);
    if (path === undefined) throw new Error(`${name} is not at hand`);
    const addon = { exports: {} };
    process.dlopen(addon, path);
    if (addon.exports.version === version) return addon.exports;
  } catch {
    // It is for another C library, say.
  }
  try {
    return require(name);
  } catch (cause) {
    const missing = `${name} has no native half for ${system}-${process.arch} here (@koromix/${name}-${system}-${process.arch})`;
    throw Object.assign(new Error(missing, { cause }), {
      code: "HOPMARK_INSTALLATION",
      hint: "install anew on this machine, optional dependencies too: npm ci, without --omit=optional",
    });
  }
};

/** V8 refuses the code of another version by itself, but not that for another processor. */
const V8 = `${process.versions.v8}-${process.arch}`;
const isBuilders = V8 === "@v8@";

const readCode = (filename) => {
  try {
    return readFileSync(`${filename}.code`);
  } catch {
    return undefined;
  }
};

/** V8 compares of a text its length only: the build is in the name. */
const keptName = (filename) => `${filename.slice(__dirname.length + 1)}-@build@-${V8}.code`;

/** As `compiler/kept/own-store.ts` has it, which is in a chunk itself. */
const keptFolder = () => {
  const { XDG_CACHE_HOME: named = "", HOME: home = "" } = process.env;
  const base = isAbsolute(named) ? named : isAbsolute(home) ? `${home}/.cache` : undefined;
  return base !== undefined && isOurs(statSync(base)) ? `${base}/hopmark` : undefined;
};

const isOurs = ({ uid }) => uid === process.geteuid();
const isPrivate = (found) => isOurs(found) && (found.mode & 0o022) === 0;

const readKept = (name) => {
  let file;
  try {
    const folder = keptFolder();
    if (folder === undefined || !isPrivate(statSync(folder))) return undefined;
    file = openSync(`${folder}/${name}`, "r");
    return isPrivate(fstatSync(file)) ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
};

/** @type {Map<string, Script> | undefined} whose code nobody has kept for this V8 */
let unkept;

/** When the program has started or, if that is sooner, ends. */
const keepLater = (filename, script) => {
  if (unkept === undefined) {
    unkept = new Map();
    setTimeout(keepCode, 1000).unref();
    process.once("exit", keepCode);
  }
  unkept.set(filename, script);
};

const keepCode = () => {
  for (const [filename, script] of unkept) {
    try {
      keepOne(keptName(filename), script);
    } catch {
      // Then the next start compiles again.
    }
  }
  unkept.clear();
};

const keepOne = (name, script) => {
  const folder = keptFolder();
  if (folder === undefined) return;
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  if (!isPrivate(statSync(folder))) return;
  const beside = `${folder}/${name}.${process.pid}`;
  const file = openSync(beside, "wx", 0o600);
  try {
    writeFileSync(file, script.createCachedData());
    renameSync(beside, `${folder}/${name}`);
  } catch (error) {
    unlinkSync(beside);
    throw error;
  } finally {
    closeSync(file);
  }
};

/** For the build: evaluates all chunks of a file. @param {string} file its name */
const loadAll = (file) => {
  for (const name of Object.keys(loadFile(`${__dirname}/${file}`).chunks)) loadChunk(name);
};

/** Writes beside each file what V8 has compiled of it so far. Another version of V8 refuses it and compiles for itself. */
const saveCode = () => {
  for (const [filename, { script }] of files) writeFileSync(`${filename}.code`, script.createCachedData());
};

/** Node.js calls `Module.runMain` for the script, for the sake of those who put another in its place. */
const skipMain = () => {
  module.constructor.runMain = () => {};
};

const loader = { loadChunk, loadAll, loaded, saveCode, skipMain };
module.exports = loader;
