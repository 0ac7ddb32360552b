/** HM1009, HM1304, HM1305 and what calls of subprograms get wrong. */
import type { WrongProgram } from "./program.ts";

const half = "const half = subprogram([u32], u32, (value) => value >>> 1);";
const chain = Array.from(
  { length: 7 },
  (_, at) => `const f${at + 1} = subprogram([u32], u32, (value) => f${at}(value) >>> 1);`,
).join("\n");
export const functions: readonly WrongProgram[] = [
  {
    code: "HM1009",
    module: "const down = subprogram([u32], u32, (value) => value === 0 ? 0 : ¦down(value - 1));",
    body: "return down(ctx.mark);",
    says: "write a loop",
  },
  {
    code: "HM1009",
    module:
      "const ping = subprogram([u32], u32, (value) => value === 0 ? 0 : pong(value - 1));\nconst pong = subprogram([u32], u32, (value) => value === 0 ? 1 : ¦ping(value - 1));",
    body: "return ping(ctx.mark);",
    says: "write a loop",
  },
  { code: "HM1206", module: half, body: "return half(¦ctx.mark + 1);", says: "0..4294967295" },
  { code: "HM1102", module: half, body: "return half(¦ctx.mark | 1);", says: ">>> 0" },
  { code: "HM1101", module: half, body: "return half(¦monotonicNs());", says: "argument 1 is a number" },
  {
    code: "HM1206",
    module: "const twice = subprogram([u32], u32, (value) => ¦value * 2);",
    body: "return twice(ctx.mark);",
    says: "the result of twice",
  },
  {
    code: "HM1111",
    module: "const isOwn = subprogram([ipv4Address], 'boolean', (four) => four === '10.0.0.1');",
    body: "const view = ctx.packet.at(Header, 0);\nreturn view !== null && isOwn(¦view.six) ? 1 : 0;",
    says: "ipv4 is needed",
  },
  {
    code: "HM1206",
    module: "const isOwn = subprogram([ipv4Address], 'boolean', (four) => four === '10.0.0.1');",
    body: "return isOwn(¦ctx.mark) ? 1 : 0;",
    says: "an address (ipv4) is needed",
  },
  {
    code: "HM1501",
    module:
      "const first = subprogram([Header], ipv4Address, (view) => {\n  if (view.byte === 4) return view.four;\n¦});",
    body: "const view = ctx.packet.at(Header, 0);\nreturn view !== null && first(view) === '10.0.0.1' ? 1 : 0;",
    says: "an address (ipv4) on every path",
  },
  {
    code: "HM1501",
    module: "const even = subprogram([u32], 'boolean', (value) => ¦value);",
    body: "return even(ctx.mark) ? 1 : 0;",
    says: "even returns a boolean",
  },
  {
    code: "HM1501",
    module: "const maybe = subprogram([u32], u32, (value) => {\n  if (value > 3) return 1;\n¦});",
    body: "return maybe(ctx.mark);",
    says: "on every path",
  },
  {
    code: "HM1201",
    module: "const port = subprogram([Small], u32, (small) => small.port);",
    body: "return port(¦ctx.packet.at(Small, 0));",
    says: "may be null",
  },
  {
    code: "HM1202",
    module: "const port = subprogram([Small], u32, (small) => small.port);",
    body: "const small = ctx.packet.at(Small, 0);\nif (small === null || !ctx.pull(40)) return 0;\nreturn port(¦small);",
    says: "moved",
  },
  {
    code: "HM1202",
    module: "const move = subprogram(['tc'], 'boolean', (ctx) => ctx.pull(40));",
    body: "const small = ctx.packet.at(Small, 0);\nif (small === null || !move(ctx)) return 0;\nreturn small.¦port;",
    says: "moved",
  },
  {
    code: "HM1007",
    module: "const port = subprogram([Small], u32, (small) => small.port);",
    body: "const header = ctx.packet.at(Header, 0);\nreturn header === null ? 0 : port(¦header);",
    says: "a view of Small, not a view of Header; pass one, or declare",
  },
  {
    code: "HM1007",
    module: "const half = subprogram(['boolean'], u32, (value) => (value ? 1 : 2));",
    body: "return half(¦ctx.mark);",
    says: "compare it, as in value !== 0",
  },
  {
    code: "HM1007",
    module: "const half = subprogram(['xdp'], u32, (ctx) => ctx.packet.length);",
    body: "return half(¦ctx);",
    says: "pass the ctx of one made with xdp()",
  },
  { code: "HM1007", module: half, body: "return ¦half();", says: "takes 1 argument, not 0; give each" },
  {
    code: "HM1401",
    module: "const finish = subprogram([Value], 'nothing', (value) => ring.submit(¦value));",
    body: "const value = ring.reserve(Value);\nif (value === null) return 0;\nfinish(value);\nreturn 0;",
    says: "reserved this record",
  },
  {
    code: "HM1401",
    module: "const open = subprogram([u32], 'boolean', (value) => ¦ring.reserve(Value) !== null);",
    body: "return open(1) ? 1 : 0;",
    says: "neither submitted nor discarded",
  },
  {
    code: "HM1305",
    module: `${half.replace("half", "f0")}\n${chain}`,
    body: "return ¦f7(ctx.mark);",
    says: "8 functions",
  },
  {
    code: "HM1305",
    module: `const Large = struct("Large", { bytes: array(u8, 200) });
const big = hashMap(Large, Value, { entries: 8, name: "big" });
const bytes = Array.from({ length: 200 }, (_, at) => at);
const inner = subprogram([u32], u32, (value) => (big.update({ bytes }, { count: 0n, last: value }) ? 1 : 0));
const middle = subprogram([u32], u32, (value) => (big.update({ bytes }, { count: 0n, last: inner(value) }) ? 1 : 0));`,
    body: "return big.update({ bytes }, { count: 0n, last: ¦middle(ctx.mark) }) ? 1 : 0;",
    says: "bytes of stack",
  },
  {
    code: "HM1306",
    body: "for (const at of range(0, 100)) {\n  if (at === ctx.mark) {\n    ¦jumps.tailCall(ctx, 1);\n    return 1;\n  }\n}\nreturn 0;",
    says: "range() loop",
  },
  {
    code: "HM1306",
    module: "const go = subprogram(['tc'], 'nothing', (ctx) => ¦jumps.tailCall(ctx, 1));",
    body: "go(ctx);\nreturn 0;",
    says: "from a subprogram, which returns to its caller; return what decides",
  },
  {
    code: "HM1304",
    module: "const many = Array.from({ length: 1000 }, (_, at) => at);",
    body: "let sum = ctx.mark;\nfor (const a of many) for (const b of many) ¦sum = (sum ^ (a * b)) & 0xffff;\nreturn sum;",
    says: "subprogram()",
  },
];
