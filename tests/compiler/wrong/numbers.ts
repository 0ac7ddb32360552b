/** HM11xx: arithmetic whose result JavaScript and a register would not agree on. */
import type { WrongProgram } from "./program.ts";

export const numbers: readonly WrongProgram[] = [
  { code: "HM1101", body: "return Number(monotonicNs() ¦+ 1);", says: "BigInt(…)" },
  { code: "HM1101", body: "return monotonicNs() ¦=== 5 ? 1 : 0;", says: "always false" },
  { code: "HM1101", body: "return Number(Math.trunc(monotonicNs() ¦/ 3n));", says: "whole already" },
  { code: "HM1101", body: "return ctx.mark ¦< 5n ? 1 : 0;", says: "mixes" },
  { code: "HM1101", body: "total.¦value = monotonicNs();\nreturn 0;", says: "Number(…)" },
  { code: "HM1102", body: "return (ctx.mark | 1) ¦+ 1;", says: ">>> 0" },
  { code: "HM1102", body: "return Math.imul(ctx.mark, 31) ¦> 5 ? 1 : 0;", says: ">>> 0" },
  { code: "HM1102", body: "return (ctx.mark << 4) ¦% 7;", says: ">>> 0" },
  {
    code: "HM1102",
    body: "let hash = 1;\n¦for (let at = 0; at < 100; at++) hash = hash ^ ctx.mark;\nreturn hash >>> 0;",
    says: "hash",
  },
  { code: "HM1103", body: "return ctx.mark ¦* ctx.mark;", says: "2^53" },
  { code: "HM1103", body: "return ¦Number(BigInt(ctx.mark) * 4294967296n);", says: "2^53" },
  { code: "HM1104", body: "return monotonicNs() + 1n ¦> 5n ? 1 : 0;", says: "asUintN" },
  { code: "HM1104", body: "return Number((0n - monotonicNs()) ¦>> 60n);", says: "asUintN" },
  { code: "HM1105", body: "return 100 ¦% ctx.mark;", says: "test it first" },
  { code: "HM1105", body: "return Math.trunc(100 ¦/ ctx.mark);", says: "test it first" },
  { code: "HM1106", body: "return 1 ¦<< ctx.mark;", says: "0..31" },
  { code: "HM1106", body: "return Number(1n ¦<< monotonicNs());", says: "0..63" },
  { code: "HM1107", body: "return ctx.mark ¦/ 2;", says: "Math.trunc" },
  { code: "HM1108", body: "return (ctx.mark - 5) ¦% 3;", says: "sign" },
  { code: "HM1109", body: "return ctx.mark ¦+ 0.5;", says: "0.5" },
  { code: "HM1109", body: "return ctx.mark ¦* (ctx.mark > 3);", says: "boolean" },
  { code: "HM1109", body: "return ¦-ctx.packet;", says: "packet" },
  { code: "HM1110", body: "return ctx.mark ¦== 1 ? 1 : 0;", says: "===" },
  { code: "HM1110", body: "return ctx.mark ¦!= 1 ? 1 : 0;", says: "!==" },
  { code: "HM1111", body: "return ctx.mark ¦=== 'three' ? 1 : 0;", says: "cannot be compared" },
  {
    code: "HM1111",
    body: "const view = ctx.packet.at(Header, 0);\nif (view === null) return 0;\nreturn view.four ¦=== view.six ? 1 : 0;",
    says: "ipv4",
  },
  {
    code: "HM1111",
    body: "const view = ctx.packet.at(Header, 0);\nif (view === null) return 0;\nreturn view.four ¦< '10.0.0.1' ? 1 : 0;",
    says: "<",
  },
];
