/** HM13xx and HM1501: joins, assignments, loops, verdicts. */
import type { WrongProgram } from "./program.ts";

export const flow: readonly WrongProgram[] = [
  { code: "HM1301", body: "const mixed = ctx.mark > 1 ? 1 : 1n;\nreturn mixed ¦+ 1;", says: "depending on the path" },
  {
    code: "HM1301",
    body: "const view = ctx.mark > 1 ? ctx.packet.at(Header, 0) : ctx.packet.at(Small, 0);\nif (view ¦=== null) return 0;\nreturn view.port;",
    says: "a view of Header or a view of Small",
  },
  {
    code: "HM1301",
    body: "let four = ipv4('10.0.0.1');\nfor (let at = 0; at < 100; at++) if (ctx.mark === at) ¦four = ipv4('10.0.0.2');\nreturn four === '10.0.0.1' ? 1 : 0;",
    says: "four",
  },
  {
    code: "HM1301",
    body: "const view = ctx.packet.at(Header, 0);\nif (¦view?.byte) return 1;\nreturn 0;",
    says: "write ?? 0 behind it, or compare it, as in === 1",
  },
  {
    code: "HM1301",
    body: "const view = ctx.packet.at(Header, 0);\nreturn view?.wide ¦> 3n ? 1 : 0;",
    says: "write ?? 0n behind it, or compare it, as in === 1n",
  },
  {
    code: "HM1301",
    body: "const view = ctx.packet.at(Header, 0);\nreturn ¦view?.six ? 1 : 0;",
    says: "an address (ipv6) or undefined, depending on the path; compare it with ===",
  },
  { code: "HM1302", module: "let state = 0;", body: "¦state = ctx.mark;\nreturn 0;", says: "constant of the module" },
  { code: "HM1302", body: "const n = ctx.mark;\n¦n = 2;\nreturn n;", says: "n is a constant; declare it with let" },
  { code: "HM1302", body: "const n = 1;\n¦n = 2;\nreturn n;", says: "declare it with let" },
  { code: "HM1302", body: "const n = 1;\n¦n++;\nreturn n;", says: "declare it with let" },
  { code: "HM1302", body: "const n = 1;\nif (ctx.mark > 1) ¦n += 2;\nreturn n;", says: "declare it with let" },
  { code: "HM1302", body: "for (const at of [1, 2]) ¦at = 2;\nreturn 0;", says: "at is a constant" },
  { code: "HM1302", body: "for (const at of range(0, ctx.mark & 7)) ¦at = 2;\nreturn 0;", says: "at is a constant" },
  { code: "HM1302", body: "const { a, b = 2 } = { a: 1 };\n¦b--;\nreturn a;", says: "b is a constant" },
  { code: "HM1302", body: "const [a, ...others] = [1, 2];\n¦others = [];\nreturn a;", says: "others is a constant" },
  { code: "HM1302", body: "function f() { return 1; }\n¦f = () => 2;\nreturn f();", says: "f is a function" },
  { code: "HM1302", module: "let state = 0;", body: "¦state++;\nreturn 0;", says: "variable(…)" },
  {
    code: "HM1302",
    body: "let a = 0;\nlet b = 0;\n¦[a, b] = [1, 2];\nreturn a + b;",
    says: "name, a field or an element",
  },
  { code: "HM1303", body: "let count = 0;\n¦while (count >= 0) count += 0;\nreturn count;", says: "65536 rounds" },
  { code: "HM1303", body: "¦for (;;) {}", says: "rounds" },
  {
    code: "HM1303",
    body: "const n = ctx.mark & 127;\nlet at = 0;\nlet sum = 0;\nwhile (at ¦!== n) { sum += at * 4; at++; }\nreturn sum;",
    says: "!== does not say how far at may go; write <, as in at < n",
  },
  {
    code: "HM1303",
    body: "let sum = 0;\nfor (let at = ctx.mark; at ¦!== 5; at--) sum += 1;\nreturn sum;",
    says: "write >, as in at > 5",
  },
  {
    code: "HM1303",
    body: "let at = 0;\nlet sum = 0;\nwhile (true) { if (at ¦=== ctx.mark) break; sum += 1; at++; }\nreturn sum;",
    says: "write >=, as in at >= ctx.mark",
  },
  {
    code: "HM1303",
    body: "let at = 0n;\nwhile (at ¦!== BigInt(ctx.mark)) at += 1n;\nreturn Number(at);",
    says: "write <, as in at < BigInt(ctx.mark)",
  },
  {
    code: "HM1103",
    body: "let sum = 0;\nfor (let at = 0; at < ctx.mark; at++) sum = sum ¦* 2 + 1;\nreturn sum;",
    says: "2^53",
  },
  {
    code: "HM1303",
    body: "let sum = 0;\nfor (const at of range(0, ¦ctx.mark)) sum = at;\nreturn sum;",
    says: "in 0..4294967295; test or mask it first",
  },
  {
    code: "HM1303",
    body: "for (const at of ¦range(-1, 8388608)) if (at === ctx.mark) return 1;\nreturn 0;",
    says: "8388608",
  },
  {
    code: "HM1101",
    body: "for (const at of range(0, ¦10n)) if (at === ctx.mark) return 1;\nreturn 0;",
    says: "a bound of the range is a number, not a bigint; write 10",
  },
  {
    code: "HM1301",
    body: "let four = ipv4('10.0.0.1');\nfor (const at of range(0, 100)) if (ctx.mark === at) ¦four = ipv4('10.0.0.2');\nreturn four === '10.0.0.1' ? 1 : 0;",
    says: "four",
  },
  {
    code: "HM1401",
    body: "¦for (const at of range(0, 100)) {\n  const record = ring.reserve(Value);\n  if (record === null) return at;\n}\nreturn 0;",
    says: "each round",
  },
  {
    code: "HM1401",
    body: "const record = ring.reserve(Value);\nif (record === null) return 0;\nfor (const at of range(0, 100)) if (at === ctx.mark) ¦return 0;\nring.submit(record);\nreturn 0;",
    says: "submitted",
  },
  {
    code: "HM1202",
    body: "¦for (const at of range(0, 100)) ctx.pull(60);\nreturn 0;",
    says: "moved",
  },
  { code: "HM1004", body: "for (const at of ¦ctx.mark) return at;\nreturn 0;", says: "range(from, to)" },
  { code: "HM1501", body: "return ¦ctx.mark > 1;", says: "boolean" },
  { code: "HM1501", body: "return ¦monotonicNs();", says: "bigint" },
  { code: "HM1501", body: "return ¦ctx.mark | 1;", says: "number" },
  { code: "HM1501", type: "cgroupSkb", body: "return ¦2;", says: "0..1" },
  { code: "HM1501", type: "cgroupSkb", body: "return ¦ctx.mark & 3;", says: "0..3" },
  { code: "HM1501", type: "cgroupSkb", body: "return ¦ctx.mark > 1;", says: "boolean" },
  { code: "HM1501", type: "sockOps", body: "return ¦1;", says: "returns nothing" },
  { code: "HM1501", body: "if (ctx.mark > 1) return 0;", isAtEnd: true, says: "not every path" },
];
