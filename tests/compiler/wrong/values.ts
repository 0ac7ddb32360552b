/** Wrong arguments of the functions that compute with bytes and of atomic ones. */
import type { WrongProgram } from "./program.ts";

const view = "const view = ctx.packet.at(Header, 0);\nif (view === null) return 0;\n";
const module = `import { atomicLoad, atomicStore, checksum, exchange, hash, nested, updateChecksum } from "../../../src/kernel/index.ts";`;

const narrow = `
const Packed = header("Packed", "", { first: u8, wide: u32 });
const Pair = struct("Pair", { left: u16, net: be32, packed: nested(Packed), words: array(u32, 4) });
export const pairs = hashMap(u32, Pair, { entries: 8, name: "pairs" });`;
const pair = "const found = pairs.lookup(1);\nif (found === null) return 0;\n";

export const values: readonly WrongProgram[] = [
  { code: "HM1003", body: "return ¦Math.random() < 0.5 ? 1 : 0;", says: "randomU32()" },
  { code: "HM1003", body: "¦Object.assign(total, { value: ctx.mark });\nreturn 0;", says: "one by one" },
  { code: "HM1002", body: "return ¦arguments.length;", says: "...values" },
  { code: "HM1005", type: "cgroupSkb", body: "return ctx.¦length > 100 ? 1 : 0;", says: "ctx.packet.length" },
  {
    code: "HM1005",
    body: "const view = ctx.packet.at(Header, 0);\nreturn view !== null && view.bytes.¦every((byte) => byte > 3) ? 1 : 0;",
    says: "[...field] has the methods",
  },
  {
    code: "HM1111",
    body: "const view = ctx.packet.at(Header, 0);\nreturn view !== null && view.bytes ¦=== ('GET ' as never) ? 1 : 0;",
    says: '[..."GET "].every((letter, at) => field[at] === letter.charCodeAt(0))',
  },
  {
    code: "HM1111",
    body: "const view = ctx.packet.at(Header, 0);\nreturn view !== null && view.four ¦< view.four ? 1 : 0;",
    says: "compare hash(0n, a) with hash(0n, b)",
  },
  {
    code: "HM1109",
    body: "const view = ctx.packet.at(Header, 0);\nreturn view === null ? 0 : (view.four as never) ¦>>> 24;",
    says: "lpmTrie()",
  },
  {
    code: "HM1111",
    body: "const value = values.lookup(1);\nreturn value !== null && (value as never) ¦> 5n ? 1 : 0;",
    says: "such as .count",
  },
  {
    code: "HM1001",
    body: "const value = ring.reserve(Value);\nif (value === null) return 0;\n¦try {\n  value.count = 1n;\n  value.last = 0;\n} finally {\n  ring.submit(value);\n}\nreturn 1;",
    says: "write its body alone",
  },
  {
    code: "HM1111",
    module: "const pairs = [[1, 2], [1, 2]];",
    body: "const pair = ctx.mark > 3 ? pairs[0] : pairs[1];\nreturn pair ¦=== pairs[0] ? 1 : 0;",
    says: "values of one kind",
  },
  { code: "HM1003", module: "const now = Date.now;", body: "return ¦now() > 5 ? 1 : 0;", says: "monotonicNs()" },
  { code: "HM1003", module: "const { hrtime } = process;", body: "return ¦hrtime()[0];", says: "monotonicNs()" },
  {
    code: "HM1003",
    module: "const fill = crypto.getRandomValues;\nconst bytes = new Uint8Array(1);",
    body: "return ¦fill(bytes)[0]!;",
    says: "randomU32()",
  },
  {
    code: "HM1003",
    module: "const time = performance;",
    body: "return ¦time.now() > 5 ? 1 : 0;",
    says: "monotonicNs()",
  },
  {
    code: "HM1003",
    module: "const ids = [1, 2][Symbol.iterator]();",
    body: "return ¦ids.next().value ?? 0;",
    says: "keep what changes in a variable(…) or a map",
  },
  {
    code: "HM1003",
    module: "const pattern = /a/g;",
    body: "return ¦pattern.test('a') ? 1 : 0;",
    says: "once, while compiling",
  },
  {
    code: "HM1003",
    module: "const log = console;",
    body: "¦log.info('packet');\nreturn 0;",
    says: "ring buffer record",
  },
  {
    code: "HM1206",
    module:
      "const Named = struct('Named', { name: array(u8, 8) });\nconst names = ringBuffer({ bytes: 4096, name: 'names' });",
    body: "const named = names.reserve(Named);\nif (named === null) return 0;\nnamed.¦name = 'hello' as never;\nnames.submit(named);\nreturn 0;",
    says: '[...Buffer.from("hello".padEnd(8, "\\0"))]',
  },
  {
    code: "HM1205",
    body: "const list = [1, 2];\nif (ctx.mark > 5) ¦list.push(3);\nreturn list.length;",
    says: "push would change this once, while compiling, whatever happens at run time; do it at the module's top level",
  },
  { code: "HM1205", module: "const list = [1, 3, 2];", body: "return ¦list.sort()[0]!;", says: "sort would change" },
  { code: "HM1205", body: "const o = { a: 1 };\n¦Object.assign(o, { a: 2 });\nreturn o.a;", says: "assign would" },
  {
    code: "HM1205",
    module: "const seen = new Map<number, number>();",
    body: "if (ctx.mark > 5) ¦seen.set(1, 2);\nreturn seen.size;",
    says: "set would change",
  },
  {
    code: "HM1205",
    module: "const list = [2, 1];\nconst same = (all: number[]) => all;",
    body: "return ¦same(list).reverse()[0]!;",
    says: "reverse would change",
  },
  {
    code: "HM1001",
    body: "const o = { ¦get twice() { return 0; } };\nreturn o.twice;",
    says: "a getter has no meaning",
  },
  { code: "HM1001", body: "const { ¦...others } = ctx.packet;\nreturn 0;", says: "nothing is left over of the packet" },
  {
    code: "HM1301",
    body: "const n = ctx.mark > 5 ? 1 : ctx.mark > 3 ? null : undefined;\nreturn ¦n ?? 99;",
    says: "depending on the path",
  },
  {
    code: "HM1301",
    body: "const f = ctx.mark > 5 ? undefined : (n: number) => n + 1;\nreturn ¦f!(3);",
    says: "depending on the path",
  },
  {
    code: "HM1302",
    body: "const entry = slots.lookup(1);\nif (entry !== null) ¦entry += 1n;\nreturn 0;",
    says: "entry is a view of Value; change a field of it, as in entry.count = …",
  },
  {
    code: "HM1109",
    body: "const entry = slots.lookup(1);\nif (entry === null) return 0;\nreturn entry ¦+ 1;",
    says: "write one of its fields, such as .count",
  },
  {
    code: "HM1007",
    body: "carriers.update(1, ¦1);\nreturn 0;",
    module: "const carriers = hashMap(u32, u64, { entries: 8 });",
    says: "write { value: 1n }",
  },
  {
    code: "HM1005",
    body: "const view = ctx.packet.at(Header, 0);\nreturn view !== null && view.four.¦startsWith('10.') ? 1 : 0;",
    says: "lpmTrie()",
  },
  { code: "HM1501", body: "return ¦'drop';", says: "return one of Tc.Next, Tc.Ok, Tc.Drop, Tc.Redirect" },
  { code: "HM1007", module, body: `${view}return checksum(view.four, ¦ctx.mark - 1);`, says: "0..2^32-1" },
  { code: "HM1007", module, body: `${view}return checksum(¦view, view.four);`, says: "must come last" },
  { code: "HM1007", module, body: `${view}return checksum(¦view.byte > 1);`, says: "not a run-time boolean" },
  { code: "HM1007", module, body: `${view}return updateChecksum(¦view.word, 1, 2);`, says: "0..65535" },
  { code: "HM1101", module, body: `${view}return checksum(¦view.wide);`, says: "Number(…)" },
  { code: "HM1201", module, body: "return checksum(¦ctx.packet.at(Header, 0));", says: "null" },
  { code: "HM1203", body: "return ctx.packet.sumWords(0, ¦ctx.mark);", says: "0..9216" },
  { code: "HM1203", body: "return ctx.packet.sumWords(¦ctx.mark, 20);", says: "0..65515" },
  { code: "HM1007", module, body: `${view}return atomicLoad(¦view, "word");`, says: "not in a map" },
  { code: "HM1007", module, body: `${view}return fetchAdd(¦view, "byte", 1);`, says: "not in a map" },
  {
    code: "HM1007",
    module: `${module}${narrow}`,
    body: `${pair}return exchange(found, ¦"left", 1);`,
    says: "4 or 8 bytes",
  },
  {
    code: "HM1007",
    module: `${module}${narrow}`,
    body: `${pair}return atomicLoad(found, ¦"net");`,
    says: "net is no native",
  },
  {
    code: "HM1007",
    module: `${module}${narrow}`,
    body: `${pair}atomicStore(found.packed, ¦"wide", 1);\nreturn 0;`,
    says: "multiple of its size",
  },
  { code: "HM1005", module, body: 'atomicStore(total, ¦"entries", 1);\nreturn 0;', says: "no field entries" },
  {
    code: "HM1204",
    module: `${module}${narrow}`,
    body: `${pair}return atomicLoad(found.words, ¦ctx.mark);`,
    says: "0..3",
  },
  { code: "HM1101", body: 'return fetchAdd(total, "value", ¦1n);', says: "number" },
  { code: "HM1201", body: 'return fetchAdd(¦values.lookup(1), "count", 1n) === 0n ? 1 : 0;', says: "null" },
  { code: "HM1007", module, body: "return Number(hash(1n, ¦ctx.mark > 1) & 1n);", says: "run-time boolean" },
  { code: "HM1007", module, body: "return Number(hash(¦ctx.mark) & 1n);", says: "bigint is needed" },
  { code: "HM1102", module, body: "return Number(hash(1n, ¦ctx.mark ^ 1) & 1n);", says: ">>> 0" },
];
