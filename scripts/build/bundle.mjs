// The modules of build/ as chunks, one a room, and an ES module for each entry point that re-exports from them.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const require = createRequire(import.meta.url);
const project = require("../../package.json");
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What stands in the sources for the hash of all that was built. */
const BUILD = "@build@";

/**
 * Parts of what every script loads that are evaluated when something of them is used for the first time: a header is little to
 * read, but a table of objects to make. Those of `base` lie in its file, what few programs name in a file of its own.
 */
const PARTS = {
  base: /^wire\/headers\//,
  seldom: /^kernel\/(?:environment|fib|fib-layouts|sock-ops-context|socket)\.js$/,
};

/** What is used of what attaching a program takes when it goes wrong, is not kept from an earlier start, or is done. */
const SELDOM = {
  btf: /^compiler\/object\/(?:btf|btf-builder|btf-types|program-info|line-index|word-bytes|symbol-names)\.js$/,
  netlink: /^linux\/(?:netlink\/(?:attributes|constants|socket)|rtnetlink\/(?:links|socket)|netns|with-netns)\.js$/,
  handles: /^bpf\/(?:maps\/(?:batch|handles?|[\w-]+-handle|share|sum|element-codec)|ring|ring-cursor)\.js$/,
};

/**
 * Chunks by what is in them; the first that takes a module has it. What commands import when they run stays apart.
 * - base: what every script loads, the words of kernel programs and the headers that most of them read;
 * - attach: what one that attaches a program loads besides;
 * - compiler: its work is mostly kept from an earlier start;
 * - running: what `hopmark run` takes until the program is attached, and showing: what it takes from then on;
 * - rooms.
 */
const chunksOf = (modules) => {
  const base = closure(
    modules,
    /^(?:errors\.js$|kernel\/[\w-]+\.js$|compiler\/kept\/(?:own|trim)-store|compiler\/source\/(?:register-hooks|load-ahead|run-modules|main-module|thread-hooks|hooked-modules|chunks|start-script|user-modules|translation-cache|remembered-trees|nearest-hopmark|runtime-specifier)\.js$|wire\/(?:headers\/|numbers\.js$))/,
    /^(?:kernel\/(?:index|.*\.bpf)\.js$|compiler\/source\/(?:parse|translate|module-function|entry-names|stored-tree)\.js$)/,
  );
  const attach = closure(
    modules,
    /^bpf\/attach\.js$/,
    /^(?:compiler\/(?:compile|diagnostics|source\/.*)\.js$|bpf\/(?:btf\/(?!running-kernel)|features\/|pin\/|verifier\/)|bpf\/test-run\.js$|bpf\/attach\/(?:clsact|cgroup|iterator|tracing)|bpf\/maps\/(?:map-of-maps|program-array)|linux\/(?:mounts|rtnetlink\/traffic-control)\.js$)/,
  );
  const fits = (pattern) => (id) => pattern.test(id);
  return {
    ...partsOf(base),
    base: (id) => base.has(id),
    wire: fits(/^wire\//),
    simulate: fits(/^kernel\//),
    ...Object.fromEntries(Object.entries(SELDOM).map(([name, modules]) => [name, fits(modules)])),
    attach: (id) => attach.has(id) || id === KOFFI || id === "linux/process-identity.js",
    compiler: fits(/^compiler\/|^\.\.\/node_modules\/oxc-parser\//),
    system: fits(/^(?:linux|bpf)\//),
    "entry-cli-main.command": fits(/^cli\/(?:commands\/run|framework\/(?:command|values))\.js$/),
    running: fits(
      /^(?:cli\/(?:run\/(?:run-program|place|file-watch)|user-program\/(?!compile)|undo\.js$|reap\.js$|framework\/rights\.js$|live\/end\.js$)|lab\/(?:dead-labs|registry-directory)\.js$)/,
    ),
    clip: fits(/^cli\/picture\/(?:clip|fitted-columns)\.js$/),
    showing: fits(/^cli\/(?:run\/|picture\/(?:columns|quantity)\.js$|live\/live-terminal\.js$)/),
    mark: fits(/^mark\//),
    // Captures in files need nothing of the kernel.
    capture: fits(/^follow\/(?:unreadable\.js$|capture\/(?!live\/|rings\/))/),
    follow: fits(/^follow\//),
    lab: fits(/^lab\//),
  };
};

/** One chunk for each module that is a part: `base.tcp`. */
const partsOf = (base) => {
  const parts = {};
  for (const module of base) {
    const [file] = Object.entries(PARTS).find(([, modules]) => modules.test(module)) ?? [];
    if (file !== undefined) parts[`${file}.${basename(module, ".js")}`] = (id) => id === module;
  }
  return parts;
};

/** The modules whose names fit, and what they need, but for what is kept out. */
const closure = (modules, start, without) => {
  const names = readdirSync(modules, { recursive: true }).filter((name) => start.test(name));
  const found = new Set();
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (found.has(name) || without.test(name)) continue;
    found.add(name);
    const code = readFileSync(join(modules, name), "utf8");
    for (const [, path] of code.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s+"(\.[^"]+)";$/gm))
      names.push(join(dirname(name), path));
  }
  return found;
};

/** Chunks that others load when something in them is used for the first time: those named, or all. */
const LATE = [
  [/^(?:base|seldom)\.[\w-]+$/, /^(?:base|attach|seldom|compiler)\b/],
  [/^compiler$/, /./],
  [/^(?:btf|netlink|handles)$/, /^(?:base|attach|running|showing)\.cjs$/],
  [/^system$/, /^(?:base|attach|handles|netlink|running|showing)\.cjs$/],
  [/^wire$/, /^(?:attach|running|showing|system)\.cjs$/],
  [/^(?:showing|gone)$/, /^running\.cjs$/],
  [/^bars$/, /^showing\.cjs$/],
  [/^attach$/, /^base\.cjs$/],
];

/**
 * Packages whose JavaScript is many small files, which take longer to find than to run. Their native halves stay in the
 * packages, found from the place of a file there.
 */
const BUNDLED = [
  {
    name: "oxc-parser",
    file: "src-js/index.js",
    license: "LICENSE",
    // Its native half is not beside it, and is of the version that is asked for: looking takes as long as loading. Files
    // whose translation was kept take no parser at all.
    adapt: (code) =>
      loadedLate(code)
        .replace(/require\('\.\/parser\.[\w-]+\.node'\)/g, '(() => { throw new Error("it is a package"); })()')
        .replace(
          /require\('@oxc-parser\/[\w-]+\/package\.json'\)\.version/g,
          JSON.stringify(project.dependencies["oxc-parser"]),
        ),
  },
];

const KOFFI = "koffi.js";

/**
 * Its native half does all that is used of koffi; the JavaScript around it finds that half, in a few milliseconds, and has names
 * that it was once called by.
 */
const koffiAlone = (modules) => ({
  name: "koffi-alone",
  resolveId: (name) => (name === "koffi" ? join(modules, KOFFI) : null),
  load: (id) =>
    relative(modules, id) === KOFFI
      ? `export default __native("koffi", ${JSON.stringify(project.dependencies.koffi)}, "linux");`
      : null,
});

/** `bindings.js` with its native half loaded when something is parsed for the first time. */
const loadedLate = (code) => {
  const load = /^(import [^\n]+\n)([^]*)^const \{[^}]*\bparseSync\b[^}]*\} = nativeBinding\n[^]*$/m.exec(code);
  if (load === null) return code;
  const [, imported, body] = load;
  return `${imported}
let loaded;
const load = () => {
${body}
return nativeBinding;
};
export const parse = (...args) => (loaded ??= load()).parse(...args);
export const parseSync = (...args) => (loaded ??= load()).parseSync(...args);
export let ExportExportNameKind, ExportImportNameKind, ExportLocalNameKind, ImportNameKind, ParseResult, Severity;
export const rawTransferSupported = () => false;
`;
};

const entries = [
  ...Object.values(project.exports).flatMap((target) => (target.default === undefined ? [] : [target.default])),
  "./dist/compiler/source/load-hooks.js",
  "./dist/cli/main.js",
].map((file) => file.replace(/^\.\/dist\/(.*)\.c?js$/, "$1"));

export const bundle = async (modules, dist) => {
  const isEntry = (id) => entries.includes(relative(modules, id).replace(/\.js$/, ""));
  const chunks = join(dist, "chunks");
  const bundler = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [chunkName(entry), join(modules, `${entry}.js`)])),
    platform: "node",
    preserveEntrySignatures: "allow-extension",
    external: (name) => /^(node:|hopmark\/)/.test(name),
    plugins: [koffiAlone(modules), keepPlaces(modules)],
    checks: { pluginTimings: false },
  });
  const { output } = await bundler.generate({
    format: "cjs",
    comments: false,
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name].cjs",
    codeSplitting: {
      includeDependenciesRecursively: false,
      // The first whose test a module passes has it.
      groups: Object.entries(chunksOf(modules)).map(([name, takes], index) => ({
        name,
        test: (id) => takes(relative(modules, id)) && !isEntry(id),
        priority: 100 - index,
      })),
    },
  });
  await bundler.close();
  mkdirSync(chunks, { recursive: true });
  for (const { name, license } of BUNDLED) {
    copyFileSync(join(root, "node_modules", name, license), join(chunks, `LICENSE.${name}`));
  }
  const build = createHash("sha256")
    .update(output.map(({ code }) => code).join("\0"))
    .digest("hex")
    .slice(0, 16);
  const loader = readFileSync(new URL("load-chunk.cjs", import.meta.url), "utf8")
    .replace("@v8@", `${process.versions.v8}-${process.arch}`)
    .replace(BUILD, build);
  writeFileSync(join(chunks, "load.cjs"), loader);
  const packs = new Map();
  const plain = new Map(
    NEAR.map((name) => [name, plainNames(output.find(({ fileName }) => fileName === `${name}.cjs`))]),
  );
  const imported = new Set(output.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]));
  for (const chunk of output) {
    if (chunk.isEntry) writeEntry(dist, chunk, loader);
    if (chunk.fileName === RUNTIME) continue;
    if (!chunk.isEntry || (reexports(chunk) ?? onlyCall(chunk)) === undefined || imported.has(chunk.fileName)) {
      const { fileName } = chunk;
      const code = near(fileName, late(fileName, codeOf(chunk)), plain).replaceAll(BUILD, build);
      const file = fileName.replace(/^([\w-]+)\..*$/, "$1.cjs");
      packs.set(file, (packs.get(file) ?? "") + asFunction(fileName, code));
    }
  }
  for (const [file, functions] of packs) writeFileSync(join(chunks, file), `({\n${functions}})`);
};

const codeOf = ({ code }) => plainExports(withoutRuntime(ascii(code)));

/** What a chunk exports once and for all. */
const plainNames = (chunk) =>
  new Set(Array.from(codeOf(chunk).matchAll(/^exports\.([\w$]+) = /gm), ([, name]) => name));

const chunkName = (entry) => `entry-${entry.replace(/\/index$/, "").replaceAll("/", "-")}`;

/** Escapes mean the same in strings, templates and regular expressions; elsewhere only comments have such characters. */
const ascii = (code) => code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/**
 * Accessors, one for each name, take a third of the time of a chunk's evaluation. Names that are declared once and for all
 * need none: nothing reads them before the chunk is evaluated, since chunks that need each other at once do not exist.
 */
const plainExports = (code) =>
  code.replace(
    /^Object\.defineProperty\(exports, "([\w$]+)", \{\n\s*enumerable: true,\n\s*get: function\(\) \{\n\s*return ([\w$]+);\n\s*\}\n\}\);$/gm,
    (accessor, name, local) =>
      new RegExp(
        `^(?:(?:const|function) ${local.replaceAll("$", "\\$&")}(?![\\w$])|var ${local.replaceAll("$", "\\$&")} = class )`,
        "m",
      ).test(code)
        ? `exports.${name} = ${local};`
        : accessor,
  );

const RUNTIME = "rolldown-runtime.cjs";

/** The loader has what chunks need of the bundler's runtime, which would be one more to load. */
const withoutRuntime = (code) => {
  for (const [use, name] of code.matchAll(/\brequire_rolldown_runtime\.(\w+)/g))
    if (!/^__(?:exportAll|toESM)$/.test(name)) throw new Error(`load-chunk.cjs has no ${use}`);
  return code
    .replace(`const require_rolldown_runtime = require("./${RUNTIME}");\n`, "")
    .replaceAll("require_rolldown_runtime", "__runtime");
};

/** Rooms do no work when they are loaded, so it does not matter when that is. */
const late = (file, code) => {
  const isLate = (name) => LATE.some(([names, users]) => names.test(name) && users.test(file));
  // What a module of Node.js does when it is loaded is of no use without what it exports.
  let own = code.replace(/^require\("(?:node:\w+|\.\/([\w.-]+)\.cjs)"\);\n/gm, (line, name) =>
    name === undefined || isLate(name) ? "" : line,
  );
  for (const [line, local, name] of code.matchAll(/^const (require_\w+) = require\("\.\/([\w.-]+)\.cjs"\);$/gm)) {
    if (!isLate(name)) continue;
    own = own
      .replace(line, () => "")
      .replace(new RegExp(`\\bnew ${local}\\.([\\w$]+)`, "g"), `new (${local}().$1)`)
      .replaceAll(`${local}.`, `${local}().`);
    if (new RegExp(`\\b${local}\\b(?!\\(\\))`).test(own))
      throw new Error(`${file} uses ${name} otherwise than by its names`);
    own = `let late_${local};\nconst ${local} = () => (late_${local} ??= require("./${name}.cjs"));${own}`;
  }
  return own;
};

/** Chunks that others have own names for what they have of; a chunk with so many names is a table to V8, and each use a search in it. */
const NEAR = ["base", "wire"];
/** Who uses them for every packet, beside parts. */
const HOT = /^(?:wire|capture|follow)\.cjs$/;

/**
 * A chunk's own names for what it has of another that is there before: V8 reads them, and inlines what they call, as if both were
 * one.
 */
const near = (file, code, plain) =>
  /\..*\./.test(file) || HOT.test(file)
    ? NEAR.reduce((own, chunk) => nearTo(chunk, own, plain.get(chunk)), code)
    : code;

const nearTo = (chunk, code, plain) => {
  const required = `const require_${chunk} = require("./${chunk}.cjs");\n`;
  if (!code.includes(required)) return code;
  const names = new Set();
  const own = code.replace(new RegExp(`\\brequire_${chunk}\\.([\\w$]+)`, "g"), (use, name) => {
    if (!plain.has(name)) return use;
    names.add(name);
    return `${chunk}_${name}`;
  });
  const locals = [...names].map((name) => `const ${chunk}_${name} = require_${chunk}.${name};\n`);
  return own.replace(required, () => required + locals.join(""));
};

/** What `load-chunk.cjs` calls: a member of the object that a file of chunks is. In brackets, V8 compiles it with the file. */
const asFunction = (name, code) => {
  const head = "function (exports, require, __importModule, __inDist, __inPackage, __native, __runtime, __loader)";
  const isPart = /\..*\./.test(name);
  return `"./${name}": ${isPart ? "" : "("}${head} {\n${code}\n}${isPart ? "" : ")"},\n`;
};

/**
 * Writes the entry point's ES module, and where its names are for a program that is run without ES modules; with hooks to be
 * started, there is nothing to export, and a script starts sooner.
 */
const writeEntry = (dist, chunk, loaderText) => {
  const entry = entries.find((one) => `${chunkName(one)}.cjs` === chunk.fileName);
  const file = join(dist, `${entry}.js`);
  const loader = JSON.stringify(relative(dirname(file), join(dist, "chunks/load.cjs")));
  mkdirSync(dirname(file), { recursive: true });
  if (chunk.exports.length === 0) {
    const { from, name } = onlyCall(chunk) ?? { from: chunk.fileName };
    const call = name === undefined ? "" : `.${name}()`;
    writeFileSync(
      file.replace(/js$/, "cjs"),
      withLoader(loaderText, relative(dist, dirname(file)), `loadChunk("./${from}")${call};`),
    );
    writeFileSync(file, `import "./${basename(file).replace(/js$/, "cjs")}";\n`);
    return;
  }
  const places =
    reexports(chunk) ?? chunk.exports.map((name) => ({ name, from: "own", as: name, file: chunk.fileName }));
  const files = new Map(places.map(({ from, file: own }) => [from, own]));
  const lines = [
    `const { loadChunk } = process.getBuiltinModule("node:module").createRequire(import.meta.url)(${loader});`,
    ...[...files].map(([from, own]) => `const ${from} = loadChunk("./${own}");`),
    ...places.map(({ name, from, as }) => `export const ${name} = ${from}.${as};`),
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  const names = Object.fromEntries(places.map(({ name, file: own, as }) => [name, [`./${own}`, as]]));
  writeFileSync(join(dirname(file), "names.json"), `${JSON.stringify(names)}\n`);
};

/**
 * A script that has the loader in itself, one file less to find: whoever asks for the loader's own file gets the same.
 * @param {string} loader its text
 * @param {string} folder where the script is, below `dist`
 */
const withLoader = (loader, folder, use) =>
  loader
    .replaceAll("__dirname", "folder")
    .replace(
      /^module\.exports = loader;$/m,
      `const own = new module.constructor(\`\${folder}/load.cjs\`);
require.cache[own.id] ??= Object.assign(own, { filename: own.id, loaded: true, exports: loader });
require.cache[own.id].exports.${use}`,
    )
    .replace(/^"use strict";$/m, `"use strict";\nconst folder = \`\${__dirname.slice(0, -${folder.length})}chunks\`;`);

/** The function of another chunk that an entry calls, and nothing else; undefined otherwise. */
const onlyCall = ({ code }) =>
  /^(?:\/\/.*\n)*require\("\.\/(?<from>[\w-]+\.cjs)"\)\.(?<name>\w+)\(\);\s*$/.exec(code)?.groups;

/** Where an entry's exports are, when it does nothing but pass them on; undefined otherwise. */
const reexports = ({ code }) => {
  const files = new Map();
  const places = [];
  for (const line of code.split("\n")) {
    const required = /^const (\w+) = require\("\.\/([^"]+)"\);$/.exec(line);
    const passed = /^exports\.(\w+) = (\w+)\.([\w$]+);$/.exec(line);
    if (required !== null) files.set(required[1], required[2]);
    else if (passed !== null)
      places.push({ name: passed[1], from: passed[2], as: passed[3], file: files.get(passed[2]) });
    else if (line !== "" && !line.startsWith("Object.defineProperty(exports, Symbol.toStringTag,")) return undefined;
  }
  return places.length > 0 && places.every(({ file }) => file !== undefined) ? places : undefined;
};

/**
 * A module's `import.meta.url` stays what it is outside a chunk: its place in `dist`, or in its own package. And a chunk is a
 * script, which has no `import()` of what is named at run time: the loader lends it one.
 */
const keepPlaces = (modules) => ({
  name: "keep-places",
  transform(code, id) {
    if (!/\bimport\b/.test(code) || !isAbsolute(id)) return null;
    const place = placeOf(modules, id);
    const adapt = bundledOf(id)?.adapt ?? ((own) => own);
    return {
      code: adapt(code)
        .replaceAll('createRequire(import.meta.url)("../../chunks/load.cjs")', "__loader")
        .replace(/\bfileURLToPath\(new URL\("([./]+)", import\.meta\.url\)\)/g, (_, path) => folderOf(place, path))
        .replaceAll("import.meta.url.endsWith", `${place}.endsWith`)
        .replaceAll("import.meta.dirname", `process.getBuiltinModule("node:path").dirname(${place})`)
        .replaceAll("import.meta.url", `process.getBuiltinModule("node:url").pathToFileURL(${place}).href`)
        .replace(/\bimport\((?!["'])/g, "__importModule("),
      map: null,
    };
  },
});

/** A folder, relative to a file: addresses take Node.js far longer than paths. */
const folderOf = (place, path) => {
  const inside = /^__inDist\("(.*)"\)$/.exec(place)?.[1];
  if (inside !== undefined) return `__inDist(${JSON.stringify(join(inside, "..", path))})`;
  return `process.getBuiltinModule("node:path").join(${place}, ${JSON.stringify(join("..", path))})`;
};

const bundledOf = (id) => BUNDLED.find(({ name }) => id.includes(`/node_modules/${name}/`));

/** An expression for a path. */
const placeOf = (modules, id) => {
  const inside = relative(modules, id);
  if (!inside.startsWith("..")) return `__inDist(${JSON.stringify(inside)})`;
  const bundled = bundledOf(id);
  if (bundled === undefined) throw new Error(`${id} is not to be bundled`);
  return `__inPackage(${JSON.stringify(bundled.name)}, ${JSON.stringify(bundled.file)})`;
};
