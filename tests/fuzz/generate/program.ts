/** A whole random module: layouts, maps, helpers and one program. */
import { Random } from "../random.ts";
import { anyBigint } from "./bigints.ts";
import { condition } from "./conditions.ts";
import { number } from "./numbers.ts";
import { helperReturn, verdict } from "./branches.ts";
import { I32_MAX, I32_MIN, U32_MAX, U64_MAX, type Interval } from "./interval.ts";
import { SEEN, observeAll } from "./observe.ts";
import { CARRIED, DEVICES, FIND, PREFIX_LENGTH, TARGETS } from "./parts.ts";
import type { GlobalPart, HelperParameter, MapPart, ResultKind, RingPart, TablePart } from "./parts.ts";
import { untested } from "./optional.ts";
import { finder, gatherer } from "./finders.ts";
import { viewOf } from "./packets.ts";
import { randomShape, scalarChoice, type FieldKind, type Shape } from "./shapes.ts";
import { statements } from "./statements.ts";
import { Writing, type Parts } from "./writing.ts";

/** The text of a module that exports `program` and its maps, as a `*.bpf.ts` file under `tests/fuzz/cases`. */
export const generateModule = (seed: number, index: number): string => {
  const random = new Random(seed, index);
  const { parts, lines } = randomParts(random);
  const type = random.pick(["xdp", "tc", "cgroupSkb"] as const);
  const w = new Writing(random, type, parts, { number, bigint: anyBigint, condition, untested });
  if (type === "xdp" && random.chance(0.25)) {
    w.hasDevices = true;
    lines.push(
      `export const ${DEVICES} = ${random.pick(["devMap", "devMap", "devMapHash"])}({ entries: 4, name: "${DEVICES}" });`,
    );
  }
  if (type === "cgroupSkb" && random.chance(0.5)) w.carried = randomStorage(random, parts.structs, lines);
  for (let count = random.below(3); count > 0; count--) helper(w);
  if (random.chance(0.4)) finder(w);
  if (random.chance(0.3)) gatherer(w);
  const option = { xdp: "frags", tc: null, cgroupSkb: "egress" }[type];
  const options = option !== null && random.chance(0.3) ? `, { ${option}: true }` : "";
  if (options !== "" && type === "cgroupSkb") w.largestVerdict = 3n;
  if (random.chance(0.2)) target(w, options);
  w.budget = random.pick([4, 8, 12, 16, 24, 24, 48]);
  w.block(`export const program = ${type}((ctx) => {`, `}${options});`, () => {
    statements(w, Infinity);
    observeAll(w);
    w.line(`return ${verdict(w)};`);
  });
  return `${header}\n${lines.join("\n")}\n\n${w.text()}\n`;
};

const header = `import {
  array, arrayMap, be16, be24, be32, be48, be56, be64, bits, cgroupSkb, chars, cpuId, fetchAdd, hashMap, header, i32, i64, ipv4, ipv4Address,
  ipv6, ipv6Address, lpmTrie, lruHashMap, lruPerCpuHashMap, mac, macAddress, MapUpdate, monotonicNs, nested, objectAddress, perCpuArrayMap, perCpuHashMap, randomU32, range,
  atomicAdd, atomicLoad, atomicStore, checksum, compareExchange, exchange, hash, sumWords, updateChecksum,
  ringBuffer, struct, taiNs, tc, u16, u32, u64, u8, variable, viewInto, xdp, CgroupSkb, Fib, FibFlag, RedirectFlag, Room, RoomFlag, SkbClock, Tc, Xdp, type CgroupSkbContext, type Ipv4Address, type Ipv6Address, type MacAddress, type TcContext, type TypeOf, type XdpContext,
} from "../../../src/kernel/index.ts";
import { arrayOfMaps, devMap, devMapHash, hashOfMaps, programArray, skStorage, subprogram } from "../../../src/kernel/index.ts";
`;

const randomParts = (random: Random): { parts: Parts; lines: string[] } => {
  const lines: string[] = [];
  const headers: Shape[] = [];
  for (let at = 0; at < random.between(1, 3); at++) {
    headers.push(randomShape(random, `H${at}`, "header", headers, 60));
  }
  const structs: Shape[] = [];
  for (let at = 0; at < random.between(1, 3); at++) {
    structs.push(randomShape(random, `S${at}`, "struct", random.chance(0.3) ? [...structs, ...headers] : structs, 56));
  }
  lines.push(...headers.map(({ text }) => text), ...structs.map(({ text }) => text));
  const maps: MapPart[] = [];
  for (let at = 0; at < random.below(4); at++) maps.push(randomMap(random, `map${at}`, structs, lines));
  const rings: RingPart[] = random.chance(0.35) ? [{ name: "ring", outer: random.chance(0.3) ? "rings" : null }] : [];
  for (const { name, outer } of rings) {
    lines.push(`export const ${name} = ringBuffer({ bytes: 65536, name: "${name}" });`);
    if (outer !== null)
      lines.push(`const ${outer} = arrayOfMaps(${name}, { entries: 2, maps: { 1: ${name} }, name: "${outer}" });`);
  }
  const globals: GlobalPart[] = [];
  for (let at = 0; at < random.below(3); at++) globals.push(randomGlobal(random, `global${at}`, lines));
  lines.push(`export const ${SEEN} = variable(u64, 0n, { name: "${SEEN}" });`);
  const tables = random.chance(0.4) ? [randomTable(random, "table", lines)] : [];
  return { parts: { headers, structs, maps, rings, globals, tables }, lines };
};

type TableKind = Exclude<MapPart["kind"], "storage">;

const factories: Readonly<Record<TableKind, string>> = {
  hash: "hashMap",
  lru: "lruHashMap",
  percpuHash: "perCpuHashMap",
  lruPercpuHash: "lruPerCpuHashMap",
  array: "arrayMap",
  percpuArray: "perCpuArrayMap",
  lpm: "lpmTrie",
};

const mapKinds: readonly TableKind[] = [
  "hash",
  "hash",
  "lru",
  "percpuHash",
  "lruPercpuHash",
  "array",
  "array",
  "percpuArray",
  "lpm",
];

const randomMap = (random: Random, name: string, structs: readonly Shape[], lines: string[]): MapPart => {
  const kind = random.pick(mapKinds);
  const isArray = kind === "array" || kind === "percpuArray";
  const options = (kind === "hash" || kind === "percpuHash") && random.chance(0.2) ? ", noPrealloc: true" : "";
  const prefixKey = kind === "lpm" ? randomPrefix(random, `K${name}`, lines) : null;
  const keyScalar = prefixKey === null && random.chance(0.5) ? scalarChoice(random) : null;
  const keyShape = prefixKey ?? random.pick(structs);
  const { value: valueText, shape } = randomValue(random, structs);
  // An LRU map evicts long before it is full; no test may get there.
  const entries = kind.startsWith("lru") ? 4096 : random.pick([1, 2, 4, 5, 16]);
  const key = isArray ? "" : `${keyScalar?.text ?? keyShape.name}, `;
  lines.push(
    `export const ${name} = ${factories[kind]}(${key}${valueText}, { entries: ${entries}, name: "${name}"${options} });`,
  );
  const outer = random.chance(0.25) ? `${name}s` : null;
  if (outer !== null)
    lines.push(
      random.chance(0.8)
        ? `const ${outer} = arrayOfMaps(${name}, { entries: 2, maps: { 1: ${name} }, name: "${outer}" });`
        : `const ${outer} = hashOfMaps(u32, ${name}, { entries: 2, name: "${outer}" });`,
    );
  return {
    name,
    kind,
    key: keyScalar?.type ?? keyShape,
    value: shape,
    entries,
    outer,
  };
};

/** A struct of the module, or a scalar, which a lookup's view has as `value`. */
const randomValue = (random: Random, structs: readonly Shape[]): { value: string; shape: Shape } => {
  const scalar = random.chance(0.3) ? scalarChoice(random) : null;
  const struct = random.pick(structs);
  if (scalar === null) return { value: struct.name, shape: struct };
  const fields = [{ name: "value", type: scalar.type }];
  return { value: scalar.text, shape: { name: "", aligned: true, fields, bytes: scalar.bytes, text: "" } };
};

/** What sockets carry. A socket is made for each run: there is nothing to compare afterwards. */
const randomStorage = (random: Random, structs: readonly Shape[], lines: string[]): MapPart => {
  const { value, shape } = randomValue(random, structs);
  lines.push(`const ${CARRIED} = skStorage(${value}, { name: "${CARRIED}" });`);
  return { name: CARRIED, kind: "storage", key: shape, value: shape, entries: 0, outer: null };
};

/** The key of a trie: the bits that count, then those they count. */
const randomPrefix = (random: Random, name: string, lines: string[]): Shape => {
  const [text, bytes, type] = random.pick<[string, number, FieldKind]>([
    ["ipv4Address", 4, { kind: "address", family: "ipv4" }],
    ["be32", 4, { kind: "number", range: { low: 0n, high: U32_MAX }, atomic: "no" }],
    [
      "array(u8, 3)",
      3,
      {
        kind: "array",
        element: { kind: "number", range: { low: 0n, high: 0xffn }, atomic: "no" },
        length: 3,
        bytes: 3,
      },
    ],
  ]);
  const bits: FieldKind = { kind: "number", range: { low: 0n, high: BigInt(bytes * 8) }, atomic: "no" };
  const declaration = `const ${name} = struct("${name}", { prefixLength: u32, bits: ${text} });`;
  lines.push(declaration);
  const fields = [
    { name: PREFIX_LENGTH, type: bits },
    { name: "bits", type },
  ];
  return { name, fields, aligned: true, bytes: bytes + 4, text: declaration };
};

const randomGlobal = (random: Random, name: string, lines: string[]): GlobalPart => {
  const choice = scalarChoice(random);
  if (choice.type.kind !== "number" && choice.type.kind !== "bigint") return randomGlobal(random, name, lines);
  const initial = choice.type.kind === "number" ? String(random.below(256)) : `${random.bigint(40)}n`;
  lines.push(`export const ${name} = variable(${choice.text}, ${initial}, { name: "${name}" });`);
  return { name, type: choice.type };
};

const find = `const ${FIND} = (rows: readonly { readonly a: number }[], at: number, wanted: number): number =>
  at >= rows.length || rows[at]!.a === wanted ? at : ${FIND}(rows, at + 1, wanted);`;

const randomTable = (random: Random, name: string, lines: string[]): TablePart => {
  const rows = Array.from({ length: random.between(1, 4) }, () => ({
    a: random.pick([0, 1, 6, 17, 40, 0x86dd, 0x8000_0000]),
    b: random.bigint(random.pick([8, 32, 64])),
    on: random.chance(0.5),
  }));
  lines.push(find);
  const text = rows.map(({ a, b, on }) => `{ a: ${a}, b: ${b}n, on: ${on} }`).join(", ");
  lines.push(`const ${name} = [${text}];`);
  lines.push(`const ${name}Set = new Set(${name}.map(({ a }) => a));`);
  lines.push(`const ${name}Map = new Map(${name}.map(({ a, on }) => [a, on ? 3 : 4]));`);
  return { name, rows };
};

/** What a subprogram's numbers may be. */
const TYPES: readonly (readonly [name: string, range: Interval])[] = [
  ["u8", { low: 0n, high: 0xffn }],
  ["u16", { low: 0n, high: 0xffffn }],
  ["u32", { low: 0n, high: U32_MAX }],
  ["i32", { low: I32_MIN, high: I32_MAX }],
];

/** Of a subprogram's arguments. */
const MOST_REGISTERS = 5;
const registersOf = (parameter: HelperParameter): number =>
  parameter.kind === "address" && parameter.family === "ipv6" ? 2 : 1;

/** A function of the module, from parameters and what it finds in maps to one value or none; written out where it is called, or not. */
const helper = (w: Writing): void => {
  const { random } = w;
  const isSubprogram = random.chance(0.4);
  const name = w.name("helper");
  const kind = random.weighted<ResultKind>([
    [4, "number"],
    [3, "bigint"],
    [1, "boolean"],
    [1, "nothing"],
    [1, "ipv4"],
    [1, "mac"],
    // No register holds one.
    [isSubprogram ? 0 : 1, "ipv6"],
  ]);
  const shapes = [...w.parts.headers, ...w.parts.structs];
  const drawn = Array.from({ length: random.below(4) }, (): HelperParameter =>
    random.weighted<() => HelperParameter>([
      [
        3,
        () => ({
          kind: "number",
          range: isSubprogram ? random.pick(TYPES)[1] : { low: 0n, high: random.pick([7n, 0xffffn, U32_MAX]) },
        }),
      ],
      [2, () => ({ kind: "bigint" })],
      [1, () => ({ kind: "boolean" })],
      [2, () => ({ kind: "address", family: random.pick(["mac", "ipv4", "ipv6"] as const) })],
      [3, () => ({ kind: "view", shape: random.pick(shapes) })],
      [2, () => ({ kind: "context" })],
    ])(),
  );
  const parameters = drawn.filter(
    ({ kind: own }, at) => own !== "context" || drawn.findIndex(({ kind: other }) => other === own) === at,
  );
  while (parameters.reduce((sum, parameter) => sum + registersOf(parameter), 0) > MOST_REGISTERS) parameters.pop();
  w.scope.apart(() => {
    w.hasContext = false;
    const texts = parameters.map((parameter) => declareParameter(w, parameter));
    const [resultType, resultRange] = resultOf(random, kind);
    w.helperResult = { kind, low: 0n, high: 0n, wrapped: false, within: isSubprogram ? resultRange : null };
    w.budget = random.below(isSubprogram ? 7 : 4);
    const [open, close] = isSubprogram
      ? [`subprogram([${parameters.map((parameter) => typeText(w, parameter)).join(", ")}], ${resultType}, (`, "});\n"]
      : ["(", "};\n"];
    w.block(`const ${name} = ${open}${texts.join(", ")}) => {`, close, () => {
      statements(w, Infinity);
      if (w.helperResult !== null && kind !== "nothing") w.line(`return ${helperReturn(w, w.helperResult)};`);
    });
    const { wrapped } = w.helperResult;
    const { low, high } = w.helperResult.within ?? w.helperResult;
    w.helpers.push({ name, parameters, result: { kind, range: { low, high }, wrapped } });
    w.helperResult = null;
    w.hasContext = true;
  });
};

/** Its type for a subprogram, and of an integer the range. */
const resultOf = (random: Random, kind: ResultKind): readonly [text: string, range: Interval] => {
  const all = { low: 0n, high: U64_MAX };
  if (kind === "number") return random.pick(TYPES);
  if (kind === "bigint") return ["u64", all];
  return [kind === "boolean" || kind === "nothing" ? `"${kind}"` : `${kind}Address`, all];
};

const typeText = (w: Writing, parameter: HelperParameter): string => {
  switch (parameter.kind) {
    case "number":
      return TYPES.find(([, range]) => range === parameter.range)?.[0] ?? "u32";
    case "bigint":
      return "u64";
    case "boolean":
      return '"boolean"';
    case "address":
      return `${parameter.family}Address`;
    case "context":
      return `"${w.type}"`;
    case "view":
      return parameter.shape.name;
  }
};

/** A program that the module's program may go on as. */
const target = (w: Writing, options: string): void => {
  w.scope.apart(() => {
    w.budget = w.random.pick([2, 4, 8]);
    w.block(`const target = ${w.type}((ctx) => {`, `}${options});`, () => {
      statements(w, Infinity);
      observeAll(w);
      w.line(`return ${verdict(w)};`);
    });
    w.line(`const ${TARGETS} = programArray({ entries: 3, programs: { 1: target }, name: "${TARGETS}" });\n`);
  });
  w.hasTarget = true;
};
const contexts = { xdp: "XdpContext", tc: "TcContext", cgroupSkb: "CgroupSkbContext" } as const;

const addressTypes = { mac: "MacAddress", ipv4: "Ipv4Address", ipv6: "Ipv6Address" } as const;

const declareParameter = (w: Writing, parameter: HelperParameter): string => {
  switch (parameter.kind) {
    case "number":
    case "bigint": {
      const name = w.name(parameter.kind === "number" ? "n" : "g");
      const range = parameter.kind === "number" ? parameter.range : { low: 0n, high: U64_MAX };
      w.scope.declare({ kind: parameter.kind, name, range, assignable: false, wrapped: false });
      return `${name}: ${parameter.kind}`;
    }
    case "boolean": {
      const name = w.name("c");
      w.scope.declare({ kind: "boolean", name, assignable: false });
      return `${name}: boolean`;
    }
    case "address": {
      const name = w.name("a");
      const { family } = parameter;
      w.scope.declare({ kind: "address", name, family, assignable: false, loopDepth: 0 });
      return `${name}: ${addressTypes[family]}`;
    }
    case "context":
      w.hasContext = true;
      return `ctx: ${contexts[w.type]}`;
    case "view": {
      const name = w.name("v");
      w.scope.show(viewOf(w, name, parameter.shape, "copy"));
      return `${name}: TypeOf<typeof ${parameter.shape.name}>`;
    }
  }
};
