/** Reading the verifier's log: which instruction it stopped at, and what it said. */

export interface VerifierFinding {
  /** 8-byte slot of the program as loaded; undefined when the log names none. */
  readonly instruction: number | undefined;
  /** The verifier's own words: the first sentence is what went wrong, the others explain. */
  readonly sentences: readonly string[];
}

/** `12: (71) r0 = *(u8 *)(r2 +13)`, with or without the state behind it. */
const INSTRUCTION = /^(\d+): \([0-9a-f]{2}\)/;
/** `12: R1=ctx() R10=fp0`, `from 4 to 7: R0=…`, `12: safe`, `; source`, and totals. */
const NOISE =
  /^(\d+: (?:R\d|safe$|frame)|from \d+ to \d+|;|processed \d+ insns|mark_precise|last_idx|regs=|parent state|stack depth|func#|verification time|arg#|insns processed|max_states|Live regs|\s*\d+: [.0-9])/;
/** Sentences of the passes that run before the walk name their instruction themselves. */
const NAMED = /\b(?:insn|edge from insn|at) (\d+)\b/;

export const readVerifierLog = (log: string): VerifierFinding => {
  const lines = log.replaceAll("\0", "").split("\n");
  let instruction: number | undefined;
  let sentences: string[] = [];
  for (const line of lines) {
    const walked = INSTRUCTION.exec(line);
    if (walked?.[1] !== undefined) {
      instruction = Number(walked[1]);
      sentences = [];
    } else if (line.trim() !== "" && !NOISE.test(line)) {
      sentences.push(line.trim());
    }
  }
  const named = NAMED.exec(sentences[0] ?? "")?.[1];
  return { instruction: instruction ?? (named === undefined ? undefined : Number(named)), sentences };
};
