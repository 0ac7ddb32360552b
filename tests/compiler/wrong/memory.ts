/** HM12xx and HM1401: views, offsets, fields, ring records. */
import type { WrongProgram } from "./program.ts";

const view = "const view = ctx.packet.at(Header, 0);\nif (view === null) return 0;\n";
const record = "const record = ring.reserve(Value);\nif (record === null) return 0;\n";

/** What is read from a map is a new value each time: it was tested in vain. */
const fresh = `const Table = struct("Table", { n: u32, low: i32, bins: array(u32, 16) });
export const tables = arrayMap(Table, { entries: 1, name: "tables" });`;
const table = "const t = tables.lookup(0);\nif (t === null) return 0;\n";
const keep = (text: string): string =>
  `another CPU may change it between the test and here: keep it in a const first (const n = ${text}) and test that`;

const freshReads: readonly WrongProgram[] = [
  { code: "HM1105", body: "return total.value === 0 ? 0 : ctx.mark ¦% total.value;", says: keep("total.value") },
  {
    code: "HM1105",
    body: "return total.value === 0 ? 0 : Math.trunc(ctx.mark ¦/ total.value);",
    says: keep("total.value"),
  },
  { code: "HM1105", body: "const n = total.value;\nreturn ctx.mark ¦% n;", says: "test it first, as in" },
  {
    code: "HM1105",
    body: "const f = (n: number): number => ctx.mark ¦% n;\nreturn f(total.value);",
    says: "test it first, as in",
  },
  {
    code: "HM1106",
    body: "return total.value > 31 ? 0 : (1 ¦<< total.value) >>> 0;",
    says: `0..31; ${keep("total.value")}`,
  },
  {
    code: "HM1204",
    module: fresh,
    body: `${table}if (t.n > 15) return 0;\nreturn t.bins[¦t.n];`,
    says: `it is in 0..4294967295; ${keep("t.n")}`,
  },
  {
    code: "HM1204",
    module: fresh,
    body: `${table}if (t.low > 15 || t.low < 0) return 0;\nreturn t.bins[¦t.low + 1];`,
    says: keep("t.low"),
  },
  { code: "HM1204", module: fresh, body: `${table}const n = t.n;\nreturn t.bins[¦n];`, says: "test or mask it first" },
  {
    code: "HM1203",
    body: "if (total.value > 1500) return 0;\nconst view = ctx.packet.at(Header, ¦total.value);\nreturn 0;",
    says: keep("total.value"),
  },
];

export const memory: readonly WrongProgram[] = [
  {
    code: "HM1201",
    body: "const view = ctx.packet.at(Header, 0);\nreturn view.¦byte;",
    says: "view, a view of Header, may be null",
  },
  {
    code: "HM1201",
    body: "const found = values.lookup(1);\nfound.¦last = 1;\nreturn 0;",
    says: "found, a value of values, may be null here",
  },
  { code: "HM1201", body: "return values.lookup(1)!.¦last;", says: "values' value may be null here" },
  { code: "HM1201", body: "return ctx.packet.at(Header, 0)!.¦byte;", says: "this view of Header may be null here" },
  {
    code: "HM1201",
    body: "const found = values.lookup(1);\nif (found !== null || ctx.mark > 1) return found.¦last;\nreturn 0;",
    says: "null",
  },
  { code: "HM1201", body: "const record = ring.reserve(Value);\nring.submit(¦record);\nreturn 0;", says: "null" },
  { code: "HM1202", type: "xdp", body: `${view}if (!ctx.adjustHead(-8)) return 1;\nreturn view.¦byte;`, says: "moved" },
  { code: "HM1202", body: `${view}if (ctx.mark > 1) ctx.pull(100);\nview.¦byte = 1;\nreturn 0;`, says: "moved" },
  { code: "HM1202", body: `${record}ring.submit(record);\nreturn record.¦last;`, says: "submitted" },
  { code: "HM1203", body: "return ctx.packet.at(Header, ¦ctx.mark) === null ? 1 : 0;", says: "0..4294967295" },
  { code: "HM1203", body: "return ctx.packet.at(Header, ¦(ctx.mark & 7) - 8) === null ? 1 : 0;", says: "-8..-1" },
  { code: "HM1203", body: "return ctx.packet.at(Header, ¦65_530) === null ? 1 : 0;", says: "65530" },
  { code: "HM1204", body: `${view}return view.bytes[¦ctx.mark];`, says: "0..5" },
  { code: "HM1204", body: `${view}view.bytes[¦6] = 1;\nreturn 0;`, says: "0..5" },
  { code: "HM1204", body: `${view}return view.bytes[¦ctx.mark & 7];`, says: "0..5" },
  {
    code: "HM1401",
    body: `${record}¦jumps.tailCall(ctx, 1);\nring.submit(record);\nreturn 0;`,
    says: "before the tail call",
  },
  { code: "HM1202", body: `${view}jumps.tailCall(ctx, 1);\nreturn view.¦byte;`, says: "moved" },
  {
    code: "HM1201",
    module: 'const tables = arrayOfMaps(values, { entries: 2, name: "tables" });',
    body: "const table = tables.lookup(1);\nreturn ¦table.lookup(1) === null ? 1 : 0;",
    says: "tables' value may be null here",
  },
  {
    code: "HM1007",
    module: 'const tables = arrayOfMaps(values, { entries: 2, name: "tables" });',
    body: "const table = tables.lookup(1);\nreturn table !== null && ring.output(¦table, 0) ? 1 : 0;",
    says: "map values has no bytes to put out; look one of its values up",
  },
  {
    code: "HM1201",
    module: 'const rings = arrayOfMaps(ring, { entries: 2, name: "rings" });',
    body: "const own = rings.lookup(1);\nconst slot = slots.lookup(0);\nif (slot !== null) ¦own.output(slot, 0);\nreturn 0;",
    says: "rings' value may be null here",
  },
  {
    code: "HM1401",
    module: 'const rings = arrayOfMaps(ring, { entries: 2, name: "rings" });',
    body: "const own = rings.lookup(1);\nif (own === null) return 0;\n¦return own.reserve(Value) === null ? 1 : 2;",
    says: "neither submitted nor discarded",
  },
  { code: "HM1007", body: "return ¦ports.redirect(1);", says: "ctx.redirect()" },
  { code: "HM1204", type: "xdp", body: "return ports.redirect(¦ctx.ifindex - 1);", says: "-1..4294967294" },
  { code: "HM1201", type: "cgroupSkb", body: "return carried.get(¦ctx.socket) === null ? 1 : 0;", says: "null" },
  { code: "HM1007", body: `${view}return carried.get(¦view) === null ? 1 : 0;`, says: "socket" },
  { code: "HM1204", body: "jumps.tailCall(ctx, ¦ctx.mark - 1);\nreturn 0;", says: "-1..4294967294" },
  { code: "HM1007", body: "jumps.tailCall(¦values, 1);\nreturn 0;", says: "context" },
  {
    code: "HM1007",
    module: 'const filters = programArray({ programs: [xdp(() => 1)], name: "filters" });',
    body: "¦filters.tailCall(ctx, 0);\nreturn 0;",
    says: "made with tc()",
  },
  {
    code: "HM1007",
    type: "xdp",
    module: 'const filters = programArray({ programs: [xdp(() => 1, { frags: true })], name: "filters" });',
    body: "¦filters.tailCall(ctx, 0);\nreturn 0;",
    says: "give each of them { frags: true }",
  },
  { code: "HM1204", body: `${view}return ring.output(view, ¦ctx.mark) ? 1 : 0;`, says: "0..41" },
  { code: "HM1007", body: `${record}ring.output(¦record, 4);\nreturn 0;`, says: "submit(record)" },
  { code: "HM1205", body: "ctx.¦ifindex = 3;\nreturn 0;", says: "ifindex" },
  {
    code: "HM1205",
    type: "cgroupSkb",
    body: "const ip = ctx.packet.at(Header, 0);\nif (ip !== null) ip.¦byte = 3;\nreturn 0;",
  },
  { code: "HM1205", body: `${view}return ctx.loadInto(¦view, "bytes", 0, 6) ? 1 : 0;`, says: "lies in the packet" },
  {
    code: "HM1205",
    module: "const fill = subprogram(['tc', Header], 'boolean', (ctx, view) => ctx.loadInto(¦view, 'bytes', 0, 6));",
    body: `${view}return fill(ctx, view) ? 1 : 0;`,
    says: "lies in the packet",
  },
  {
    code: "HM1205",
    type: "cgroupSkb",
    body: 'const { socket } = ctx;\nreturn socket !== null && ctx.loadInto(¦socket, "family", 0, 4) ? 1 : 0;',
    says: "an object of the kernel",
  },
  {
    code: "HM1007",
    body: 'const found = values.lookup(1);\nreturn found !== null && ctx.loadInto(found, ¦"last", 0, 4) ? 1 : 0;',
    says: "declare one in Value: array(u8, 16)",
  },
  {
    code: "HM1007",
    body: 'const copy = ctx.load(0, Header);\nreturn copy !== null && ctx.loadInto(copy, ¦"port", 0, 2) ? 1 : 0;',
    says: "Header.port is no array field; name bytes",
  },
  {
    code: "HM1205",
    module: 'import { commInto } from "../../../src/kernel/index.ts";',
    body: `${view}commInto(¦view, "bytes");\nreturn 0;`,
    says: "lies in the packet",
  },
  { code: "HM1205", type: "sockOps", body: "ctx.¦sndCwnd = 10;", says: "sndCwnd" },
  { code: "HM1205", module: "const config = { limit: 1 };", body: "config.¦limit = 2;\nreturn 0;", says: "constant" },
  { code: "HM1206", body: "total.¦value = ctx.mark > 1;\nreturn 0;", says: "? 1 : 0" },
  { code: "HM1206", body: `${view}view.¦four = 3;\nreturn 0;`, says: "ipv4" },
  { code: "HM1206", body: `${view}view.¦six = "DB01::1";\nreturn 0;`, says: "canonical" },
  { code: "HM1206", body: `${view}view.¦bytes = [1, 2];\nreturn 0;`, says: "6 elements" },
  { code: "HM1401", body: `${record}¦return 0;`, says: "neither" },
  { code: "HM1401", body: `${record}ring.submit(record);\nring.discard(¦record);\nreturn 0;`, says: "already" },
  { code: "HM1401", body: `${record}if (ctx.mark > 1) ¦ring.submit(record);\nreturn 0;`, says: "not on another" },
  {
    code: "HM1401",
    body: `${record}for (let at = 0; at < 100; at++) {\n  if (at === ctx.mark) ¦ring.submit(record);\n}\nreturn 0;`,
    says: "not on another",
  },
  {
    code: "HM1101",
    module: 'export const hits = hashMap(u32, u64, { entries: 8, name: "hits" });',
    body: "hits.update(1, { value: ¦1 });\nreturn 0;",
    says: "value.value is a bigint; write 1n",
  },
  { code: "HM1101", body: "values.update(1, { count: 1n, last: ¦2n });\nreturn 0;", says: "a number; write 2" },
  {
    code: "HM1007",
    module: 'export const hits = hashMap(u32, u64, { entries: 8, name: "hits" });',
    body: "hits.update(1, ¦1n);\nreturn 0;",
    says: "not a constant bigint; write { value: 1n }",
  },
  ...freshReads,
];
