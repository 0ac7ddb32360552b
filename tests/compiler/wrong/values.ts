/** Wrong arguments of the functions that compute with bytes: checksums. */
import type { WrongProgram } from "./program.ts";

const view = "const view = ctx.packet.at(Header, 0);\nif (view === null) return 0;\n";
const module = `import { checksum, updateChecksum } from "../../../src/kernel/index.ts";`;

export const values: readonly WrongProgram[] = [
  { code: "HM1007", module, body: `${view}return ¦checksum(view.four, ctx.mark - 1);`, says: "0..2^32-1" },
  { code: "HM1007", module, body: `${view}return ¦checksum(view, view.four);`, says: "must come last" },
  { code: "HM1007", module, body: `${view}return ¦checksum(view.byte > 1);`, says: "not a run-time boolean" },
  { code: "HM1007", module, body: `${view}return ¦updateChecksum(view.word, 1, 2);`, says: "0..65535" },
  { code: "HM1101", module, body: `${view}return ¦checksum(view.wide);`, says: "Number(…)" },
  { code: "HM1201", module, body: "return ¦checksum(ctx.packet.at(Header, 0));", says: "null" },
  { code: "HM1203", body: "return ¦ctx.packet.sumWords(0, ctx.mark);", says: "0..9216" },
  { code: "HM1203", body: "return ¦ctx.packet.sumWords(ctx.mark, 20);", says: "0..65515" },
];
