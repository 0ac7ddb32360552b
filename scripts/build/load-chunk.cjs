"use strict";
/** Loads the library's chunks, each once, with the code that V8 made of them at build time where this is the same V8. */
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { Script } = require("node:vm");

/** @type {Map<string, { exports: object, script: Script }>} */
const loaded = new Map();

/** @param {string} name as chunks name each other: `./wire.cjs`; it runs `again` for the build only */
const loadChunk = (name, { again = false } = {}) => {
  const known = loaded.get(name);
  if (known !== undefined && !again) return known.exports;
  const filename = __dirname + name.slice(1);
  // Chunks are ASCII, so that V8 keeps them as the bytes they are.
  const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData: readCode(filename) });
  // So many names end as a table in any case; begun as one, V8 makes no hidden class for each that is added.
  const exports = name === "./base.cjs" ? Object.create(null) : {};
  loaded.set(name, { exports, script });
  script.runInThisContext()(exports, requireFromChunk, importModule, inDist, inPackage, native, runtime, loader);
  return exports;
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

/** A native half where it is at hand and fits this machine. */
const native = (name, file) => {
  try {
    const path = atHand(name, file);
    if (path === undefined) return undefined;
    const addon = { exports: {} };
    process.dlopen(addon, path);
    return addon.exports;
  } catch {
    return undefined;
  }
};

const readCode = (filename) => {
  try {
    return readFileSync(`${filename}.code`);
  } catch {
    return undefined;
  }
};

/** Writes beside each chunk what V8 has compiled of it so far. Another version of V8 refuses it and compiles for itself. */
const saveCode = () => {
  for (const [name, { script }] of loaded)
    writeFileSync(`${__dirname}${name.slice(1)}.code`, script.createCachedData());
};

/** Node.js calls `Module.runMain` for the script, for the sake of those who put another in its place. */
const skipMain = () => {
  module.constructor.runMain = () => {};
};

const loader = { loadChunk, saveCode, skipMain };
module.exports = loader;
