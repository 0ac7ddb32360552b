/** Slips of people who read the guide for the first time: most would compile, and do something else than was meant. */
import type { WrongProgram } from "./program.ts";

const view = "const view = ctx.packet.at(Header, 0);\nif (view === null) return 0;\n";
const flags = 'const Flags = header("Flags", "", { low: bits(4), high: bits(4) });';

export const slips: readonly WrongProgram[] = [
  {
    code: "HM1206",
    body: `${view}view.port = ¦70_000;\nreturn 0;`,
    says: "Header.port has 16 bits, 0 to 65535, and this is 70000; write what fits, or 4464 for its lowest bits",
  },
  {
    code: "HM1206",
    module: flags,
    body: "const view = ctx.packet.at(Flags, 0);\nif (view !== null) view.low = ¦16;\nreturn 0;",
    says: "Flags.low has 4 bits, 0 to 15",
  },
  { code: "HM1206", body: `${view}view.wide = ¦18446744073709551616n;\nreturn 0;`, says: "Header.wide has 64 bits" },
  { code: "HM1206", body: `${view}view.port = ¦-40_000;\nreturn 0;`, says: "and this is -40000" },
  { code: "HM1206", body: "return values.lookup(¦4294967297) === null ? 1 : 0;", says: "has 32 bits" },
  {
    code: "HM1206",
    body: "return values.update(1, { count: 1n, last: ¦1e10 }) ? 1 : 0;",
    says: "Value.last has 32 bits",
  },
  { code: "HM1206", body: 'return fetchAdd(total, "value", ¦5e9);', says: "has 32 bits" },
  {
    code: "HM1110",
    body: `${view}if (view.byte ¦= 6) return 1;\nreturn 0;`,
    says: "this assigns, and compares nothing; write ===",
  },
  { code: "HM1110", body: "let n = 0;\ndo n++;\nwhile (n ¦= 5);\nreturn n;", says: "write ===" },
  { code: "HM1110", body: "let n = 0;\nif (!(n ¦= ctx.mark)) n++;\nreturn n;", says: "write ===" },
  {
    code: "HM1004",
    body: "for (const [key, { count }] of ¦values) if (count > 1n) return key;\nreturn 0;",
    says: "not over a map; look one key up with lookup(key), and go over all of them in user space",
  },
  {
    code: "HM1005",
    body: "return ctx.packet[¦14] === 0x45 ? 1 : 0;",
    says: "read it with ctx.packet.at(layout, offset)",
  },
  { code: "HM1005", type: "xdp", body: "return Xdp.¦Dropp;", says: "did you mean Drop?" },
  { code: "HM1005", body: "return Tc.¦Shot;", says: "the object has no Shot; it has Next" },
  {
    code: "HM1005",
    module: "const limit = { most: 5 };",
    body: `${view}view.byte = limit.¦mots;\nreturn 0;`,
    says: "did you mean most?",
  },
  {
    code: "HM1205",
    body: "const made = { n: ctx.mark };\nmade.¦n += 1;\nreturn made.n;",
    says: "assign a new one to a let, as in o = { ...o, n: … }",
  },
  {
    code: "HM1301",
    body: `${view}const both = view.byte && ctx.mark > 3;\nreturn ¦both ? 1 : 0;`,
    says: "write n !== 0 for the number",
  },
];
