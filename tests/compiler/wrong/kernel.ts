/** HM1601: what the kernel lacks. The hand-made kernel has no number iterator, and no clock of TAI. */
import type { WrongProgram } from "./program.ts";

const module = `import { taiNs } from "../../../src/kernel/index.ts";`;

export const kernel: readonly WrongProgram[] = [
  {
    code: "HM1601",
    body: "let sum = 0;\nfor (const at of ¦range(0, ctx.mark & 7)) sum = (sum + at) & 0xff;\nreturn sum;",
    says: "bpf_iter_num_new, which the kernel does not have",
  },
  { code: "HM1601", module, body: "return ctx.mark > 1 ? 0 : Number(¦taiNs() & 7n);", says: "helper 208 (taiNs)" },
];
