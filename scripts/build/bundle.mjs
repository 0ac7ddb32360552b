// The modules of build/ as chunks, one a room, and an ES module for each entry point that re-exports from them.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const require = createRequire(import.meta.url);
const project = require("../../package.json");
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Rooms that are one chunk each; what commands import when they run stays apart. */
const ROOMS = ["wire", "kernel", "compiler", "linux", "bpf", "mark", "follow", "lab"];

/**
 * Packages whose JavaScript is many small files, which take longer to find than to run. Their native halves stay in the
 * packages, found from the place of a file there.
 */
const BUNDLED = [
  { name: "oxc-parser", file: "src-js/index.js", license: "LICENSE" },
  { name: "koffi", file: "src/koffi/index.js", license: "LICENSE.txt" },
];

const entries = [
  ...Object.values(project.exports).flatMap((target) => (target.default === undefined ? [] : [target.default])),
  "./dist/compiler/source/load-hooks.js",
  "./dist/cli/main.js",
].map((file) => file.replace(/^\.\/dist\/(.*)\.c?js$/, "$1"));

export const bundle = async (modules, dist) => {
  const isEntry = (id) => entries.includes(relative(modules, id).replace(/\.js$/, ""));
  const chunks = join(dist, "chunks");
  const build = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [chunkName(entry), join(modules, `${entry}.js`)])),
    platform: "node",
    external: (name) => /^(node:|commander$|hopmark\/)/.test(name),
    plugins: [keepPlaces(modules)],
    checks: { pluginTimings: false },
  });
  const { output } = await build.write({
    dir: chunks,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name].cjs",
    codeSplitting: {
      groups: ROOMS.map((room) => ({
        name: room,
        test: (id) => id.startsWith(join(modules, room, "/")) && !isEntry(id),
      })),
    },
  });
  await build.close();
  copyFileSync(fileURLToPath(new URL("load-chunk.cjs", import.meta.url)), join(chunks, "load.cjs"));
  for (const { name, license } of BUNDLED) {
    copyFileSync(join(root, "node_modules", name, license), join(chunks, `LICENSE.${name}`));
  }
  for (const chunk of output) {
    writeFileSync(join(chunks, chunk.fileName), asFunction(ascii(chunk.code)));
    if (chunk.isEntry) writeEntry(dist, chunk);
  }
};

const chunkName = (entry) => `entry-${entry.replace(/\/index$/, "").replaceAll("/", "-")}`;

/** Escapes mean the same in strings, templates and regular expressions; elsewhere only comments have such characters. */
const ascii = (code) => code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** What `load-chunk.cjs` calls. */
const asFunction = (code) => `(function (exports, require, __importModule, __inDist, __inPackage) {\n${code}\n})`;

const writeEntry = (dist, chunk) => {
  const entry = entries.find((one) => `${chunkName(one)}.cjs` === chunk.fileName);
  const file = join(dist, `${entry}.js`);
  const loader = JSON.stringify(relative(dirname(file), join(dist, "chunks/load.cjs")));
  const load = `loadChunk(${JSON.stringify(`./${chunk.fileName}`)})`;
  mkdirSync(dirname(file), { recursive: true });
  if (chunk.exports.length === 0) {
    writeFileSync(file.replace(/js$/, "cjs"), `require(${loader}).${load};\n`);
    writeFileSync(file, `import "./${basename(file).replace(/js$/, "cjs")}";\n`);
    return;
  }
  const names = chunk.exports.map((name) => `export const ${name} = chunk.${name};\n`).join("");
  const require = 'process.getBuiltinModule("node:module").createRequire(import.meta.url)';
  writeFileSync(file, `const chunk = ${require}(${loader}).${load};\n${names}`);
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
    return {
      code: code
        .replaceAll("import.meta.dirname", `process.getBuiltinModule("node:path").dirname(${place})`)
        .replaceAll("import.meta.url", `process.getBuiltinModule("node:url").pathToFileURL(${place}).href`)
        .replace(/\bimport\((?!["'])/g, "__importModule("),
      map: null,
    };
  },
});

/** An expression for a path. */
const placeOf = (modules, id) => {
  const inside = relative(modules, id);
  if (!inside.startsWith("..")) return `__inDist(${JSON.stringify(inside)})`;
  const bundled = BUNDLED.find(({ name }) => id.includes(`/node_modules/${name}/`));
  if (bundled === undefined) throw new Error(`${id} is not to be bundled`);
  return `__inPackage(${JSON.stringify(bundled.name)}, ${JSON.stringify(bundled.file)})`;
};
