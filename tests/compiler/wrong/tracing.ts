/** HM16xx and what else is refused of programs that follow the kernel. Their kernel is made by hand. */
import type { WrongProgram } from "./program.ts";

const module = `import { cast, chars, copyString, ipv6Of, iterator, probeRead, rawTracepoint, tracepoint } from "../../../src/kernel/index.ts";
const Named = struct("Named", { name: chars(8), at: u64 });`;
const seen = { module, head: `tracepoint("item_seen", (item, on, count) => {` } as const;
const record = "const record = ring.reserve(Named);\nif (record === null) return;\n";

export const tracing: readonly WrongProgram[] = [
  { code: "HM1602", module, head: `tracepoint("item_sen", ¦(item) => {`, body: "", says: "did you mean item_seen?" },
  { code: "HM1602", module, head: `tracepoint("xyz", ¦(item) => {`, body: "", says: "hopmark types --list" },
  {
    code: "HM1602",
    module,
    head: `iterator("task", (ctx) => {`,
    body: "if (ctx.¦task === null) return;",
    says: "no iterator task",
  },
  {
    code: "HM1603",
    module,
    head: `tracepoint("item_seen", ¦(item) => {`,
    body: "",
    kernel: false,
    says: "kernelBtf()",
  },
  {
    code: "HM1603",
    module,
    head: `tracepoint("item_seen", ¦(item, on, count) => {`,
    body: "total.value = count;",
    kernel: false,
    says: "compiler was not told",
  },
  { ...seen, code: "HM1005", body: "total.value = item.¦smal;", says: "did you mean small?" },
  { ...seen, code: "HM1005", body: "total.value = item.inner.¦x;", says: "it has word" },
  { ...seen, code: "HM1005", body: `total.value = cast(¦"itme", item).small;`, says: "did you mean item?" },
  {
    ...seen,
    code: "HM1005",
    body: "const { text } = item;\nif (text !== null) total.value = text.¦x;",
    says: "probeRead",
  },
  { ...seen, code: "HM1005", body: "total.value = item[¦0];", says: "only an array" },
  { ...seen, code: "HM1201", body: "total.value = item.next.¦small;", says: "compare that with null" },
  {
    ...seen,
    code: "HM1201",
    body: "if (item.next !== null) total.value = item.next.¦small;",
    says: "keep it in a constant",
  },
  { ...seen, code: "HM1204", body: "total.value = item.name[¦item.half];", says: "0..15" },
  { ...seen, code: "HM1205", body: "item.¦small = 1;", says: "cannot be changed" },
  { ...seen, code: "HM1206", body: `${record}record.¦name = item.name;\nring.submit(record);`, says: "16" },
  {
    ...seen,
    code: "HM1007",
    body: `${record}copyString(record, ¦"at", item.name);\nring.submit(record);`,
    says: "Named.at is no array field; name name",
  },
  {
    ...seen,
    code: "HM1007",
    module: `${module}\nconst Wide = struct("Wide", { words: array(u64, 2) });`,
    body: `const record = ring.reserve(Wide);\nif (record === null) return;\ncopyString(record, ¦"words", item.name);\nring.submit(record);`,
    says: "declare it as chars(16)",
  },
  { ...seen, code: "HM1007", body: "if (probeRead(Named, ¦count) === null) return;", says: "as bigint" },
  {
    ...seen,
    code: "HM1007",
    body: "if (ipv6Of(¦item.inner) === six) return;",
    module: `${module}\nconst six = ipv6("::1");`,
    says: "in6_addr",
  },
  {
    code: "HM1501",
    type: "xdp",
    body: "if (ctx.ifindex > 2) return ¦7;\nreturn 2;",
    says: "7 is no verdict of xdp; return one of Xdp.Aborted (0), Xdp.Drop (1), Xdp.Pass (2), Xdp.Tx (3), Xdp.Redirect (4)",
  },
  { code: "HM1501", type: "xdp", body: "if (ctx.ifindex > 2) return 2;\nreturn ¦-7;", says: "-7 is no verdict of xdp" },
  {
    code: "HM1501",
    type: "tc",
    body: "if (ctx.ifindex > 2) return 3;\nreturn ¦42;",
    says: "42 is no verdict of tc; return one of Tc.Next (-1), Tc.Ok (0), Tc.Drop (2), Tc.Redirect (7)",
  },
  { ...seen, code: "HM1007", body: "if (carried.get(¦item) === null) return;", says: "pass a struct sock" },
  {
    ...seen,
    code: "HM1007",
    body: 'if (carried.get(¦cast("sock", item)) === null) return;',
    says: "pass the object that was cast",
  },
  { ...seen, code: "HM1501", body: "return ¦1;", says: "returns nothing" },
  { ...seen, code: "HM1101", body: "total.value = item.small ¦+ item.wide;", says: "mixes" },
  {
    code: "HM1204",
    module,
    head: `rawTracepoint("item_seen", (ctx) => {`,
    body: "total.value = Number(ctx.args[¦3] & 1n);",
    says: "0..2",
  },
  {
    code: "HM1004",
    module,
    head: `rawTracepoint("item_seen", (ctx) => {`,
    body: "total.value = Number(ctx.args[¦total.value & 1] & 1n);",
    says: "while compiling",
  },
];
