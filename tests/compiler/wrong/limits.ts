/** HM1304 and HM1305: what no line alone is to blame for. */
import type { WrongProgram } from "./program.ts";

const times = Array.from({ length: 80 }, (_, at) => `time${at}`);

export const limits: readonly WrongProgram[] = [
  {
    code: "HM1304",
    module: "const salts = Array.from({ length: 8200 }, (_, at) => at * 3);",
    body: "let hash = 0;\nif (¦ctx.mark > 7) for (const salt of salts) hash = (hash ^ (ctx.mark + salt)) >>> 0;\nreturn hash;",
    says: "a jump that 16 bits cannot hold",
  },
  {
    code: "HM1305",
    module:
      'const Page = struct("Page", { bytes: array(u8, 600) });\nconst pages = hashMap(u32, Page, { entries: 8 });\nconst empty = { bytes: Array.from({ length: 600 }, () => 0) };',
    body: "¦pages.update(ctx.mark, empty);\nreturn 0;",
    says: "608 for 2 objects in memory (600 for the value of pages of line ",
  },
  {
    code: "HM1305",
    body: `${times.map((name) => `const ${name} = monotonicNs();`).join("\n")}\nreturn Number((${times.join(" ^ ")}) & 255n);`,
    head: "tc(¦(ctx) => {",
    says: "75 values that found no register: time4, time5, time6, time7, time8, time9, time10, time11 and more, of lines ",
  },
];
