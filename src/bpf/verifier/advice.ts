/** What to write so that the verifier is content, for the refusals that people meet. */

interface Cause {
  readonly said: RegExp;
  readonly advice: string;
}

const COMPILER =
  "the compiler wrote what the kernel does not take: this is a fault of Hopmark, please report it with the log";

/** The first that fits counts. */
const CAUSES: readonly Cause[] = [
  {
    said: /invalid access to packet|offset is outside of the packet/,
    advice:
      "show that the bytes are there first: take a view with packet.at(Layout, offset) and test it for null before this line",
  },
  {
    said: /pointer arithmetic on pkt_end|invalid mem access 'pkt_end'/,
    advice: "the packet's end cannot be read or moved: take a view with packet.at(Layout, offset) instead",
  },
  {
    said: /math between pkt pointer and register with unbounded|offset is not allowed to be .* outside of the packet/,
    advice: "bound the offset first: compare it with the largest value that makes sense, and return when it is above",
  },
  {
    said: /invalid mem access '\w*_or_null'|possibly NULL|pointer arithmetic on \w+_or_null/,
    advice: "test the result of lookup, reserve or packet.at for null before it is used",
  },
  {
    said: /invalid access to map value|min value is (?:outside|negative)|max value is outside|unbounded memory access|unbounded min value/,
    advice: "prove the index first: compare it with the array's length, or mask it, on every path to this line",
  },
  {
    said: /Unreleased reference/,
    advice: "submit or discard the ring buffer's record exactly once on every path that returns",
  },
  {
    said: /invalid (?:indirect )?read from stack|invalid stack .*(?:uninit|read)/,
    advice: "write every field of the key or value before it is handed to the kernel",
  },
  {
    said: /too large\. Processed|program is too large|too many (?:states|jumps)|The sequence of \d+ jumps is too complex/,
    advice:
      "make it cheaper to check: keep bodies of loops free of branches, count with range(), or split the program with tail calls",
  },
  {
    said: /infinite loop detected|back-edge from insn/,
    advice: "give the loop a bound that the kernel can see: a constant, or range(from, to)",
  },
  {
    said: /combined stack size|stack size of \d+ calls|stack limit|looks like the BPF stack limit/,
    advice:
      "use less stack: 512 bytes hold all keys, values and spilled registers of a program; put large values in a map",
  },
  {
    said: /At (?:program exit|the exit).*R0 has|the register R0 has (?:value|unknown)|R0 .* should have been in/,
    advice: "return one of the verdicts of this kind of program (Xdp.Pass, Tc.Ok), on every path",
  },
  {
    said: /GPL-restricted|GPL-compatible/,
    advice: "this helper is for GPL-compatible programs: leave the license as it is (Dual MIT/GPL)",
  },
  {
    said: /invalid bpf_context access/,
    advice: "this field of the context is not there for this kind of program, or is read-only here",
  },
  {
    said: /R\d+ !read_ok|unreachable insn|jump out of range|unknown opcode|BPF_\w+ uses reserved fields|dereference of modified ctx|misaligned|leaks addr|cannot (?:read|write) into/,
    advice: COMPILER,
  },
];

/** Undefined for a sentence nobody has met yet. */
export const adviceFor = (sentences: readonly string[]): string | undefined => {
  const text = sentences.join("\n");
  return CAUSES.find((cause) => cause.said.test(text))?.advice;
};
