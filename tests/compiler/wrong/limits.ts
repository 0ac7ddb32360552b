/** HM1305: what no line alone is to blame for. */
import type { WrongProgram } from "./program.ts";

export const limits: readonly WrongProgram[] = [
  {
    code: "HM1305",
    module:
      'const Page = struct("Page", { bytes: array(u8, 600) });\nconst pages = hashMap(u32, Page, { entries: 8 });\nconst empty = { bytes: Array.from({ length: 600 }, () => 0) };',
    body: "pages.update(ctx.mark, empty);\nreturn 0;",
    head: "tc(¦(ctx) => {",
    says: "600",
  },
];
