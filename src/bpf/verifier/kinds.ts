/** The kinds of the verifier's refusals, numbered: what it says of each, and what to write instead. */

interface RefusalKind {
  readonly title: string;
  /** The verifier's words, in all kernels since 6.1. */
  readonly said: RegExp;
  /** What is wrong and what to write. `name` is the source's own text of what was used there, when that is plain. */
  readonly message: (name: string | undefined) => string;
}

const FAULT = "this is a fault of Hopmark's compiler: please report it with the log (--log)";

/** The first that fits counts. Numbers are stable. */
const kinds = {
  HM2001: {
    title: "too much for the verifier to check",
    said: /too large\. Processed|program is too large|too many (?:states|jumps)|The sequence of \d+ jumps is too complex/,
    message: () =>
      "the verifier gave up: there are too many ways through it; keep branches out of loops that run often, or split the program",
  },
  HM2002: {
    title: "a loop that the verifier sees no end of",
    said: /infinite loop detected|back-edge from insn/,
    message: () =>
      "the verifier sees no end of this loop; count a variable up to a constant, as in for (let i = 0; i < 64; i++)",
  },
  HM2003: {
    title: "more stack than the kernel gives",
    said: /combined stack size|stack size of \d+ calls|stack limit|invalid (?:read from|write to) stack R\d+ off=-(?:51[3-9]|5[2-9]\d|[6-9]\d\d|\d{4,})\b/,
    message: () => "this needs more than the 512 bytes of stack that the kernel gives; keep large values in a map",
  },
  HM2004: {
    title: "a capability that is missing",
    said: /prohibited for !root|for root only|allowed for (?:CAP_|root)|for CAP_BPF|privileged users/,
    message: () =>
      "the kernel takes this only from a process with CAP_PERFMON; run it as root, or give the process that capability",
  },
  HM2101: {
    title: "an access that may lie outside of the packet",
    said: /invalid access to packet|offset is outside of the packet|math between pkt pointer and register with unbounded|offset is not allowed to be .* outside of the packet|pkt_end/,
    message: (name) =>
      `${name ?? "this access"} may lie outside of the packet; take a view with packet.at(Layout, offset) and test it for null before this line`,
  },
  HM2102: {
    title: "a pointer that may be null",
    said: /invalid mem access '\w*_or_null_?'|possibly NULL|pointer arithmetic on \w+_or_null/,
    message: (name) =>
      `${name ?? "what is used here"} may be null; test the result of lookup(), reserve() or packet.at(), or the argument, for null before this line`,
  },
  HM2103: {
    title: "an access that may lie outside of a map's value or a record",
    said: /invalid access to (?:map value|memory)|unbounded memory access|unbounded min value|min value is (?:outside|negative)|max value is outside/,
    message: (name) =>
      `${name ?? "this access"} may lie outside of the value; compare the index with the array's length, or mask it, before this line`,
  },
  HM2104: {
    title: "stack that was never written",
    said: /invalid (?:indirect )?read from stack|invalid stack .*(?:uninit|read)/,
    message: (name) =>
      `${name ?? "this"} reads bytes that were never written; give every field of the key or value a value first`,
  },
  HM2105: {
    title: "a register that holds nothing",
    said: /R\d+ !read_ok/,
    message: (name) => `${name ?? "this"} uses a value that was never computed; ${FAULT}`,
  },
  HM2106: {
    title: "a misaligned access",
    said: /misaligned/,
    message: (name) => `${name ?? "this access"} is not aligned as the kernel wants it; ${FAULT}`,
  },
  HM2107: {
    title: "an address that leaks, or is calculated with",
    said: /leaks addr|pointer arithmetic|pointer \S+ pointer prohibited|pointer operation|pointer comparison prohibited|partial copy of pointer|bitwise operator \S+ on pointer/,
    message: (name) => `${name ?? "this"} would give an address of the kernel away, or calculate with one; ${FAULT}`,
  },
  HM2108: {
    title: "a field of the context that is not there",
    said: /invalid bpf_context access|dereference of modified ctx/,
    message: (name) =>
      `${name ?? "this field of the context"} is not there for this kind of program, or is read-only here; use another program type, or keep the value in a variable`,
  },
  HM2201: {
    title: "a reference that is not given back",
    said: /Unreleased reference|reference leak/,
    message: () =>
      "this path returns and keeps what it took; submit or discard each record exactly once on every path that returns",
  },
  HM2202: {
    title: "a return value that the hook does not take",
    said: /At (?:program exit|the exit).*R0 has|the register R0 has|R0 .*should have been in/,
    message: () => "this kind of program must not return that; return one of its verdicts, on every path",
  },
  HM2901: {
    title: "instructions that the kernel does not take",
    said: /unreachable insn|jump out of range|jump to reserved|last insn is not|unknown opcode|uses reserved fields|invalid insn|BPF_\w+ not supported|frame pointer is read only/,
    message: () => `the kernel takes no such instructions; ${FAULT}`,
  },
  HM2999: {
    title: "any other refusal of the verifier",
    said: /^/,
    message: (name) =>
      `the verifier does not take ${name ?? "what is done here"}; its own words below say why, and --log shows its whole log`,
  },
} as const satisfies Readonly<Record<string, RefusalKind>>;

/** Stable number of a kind of refusal. */
export type RefusalCode = keyof typeof kinds;

const order = Object.keys(kinds) as RefusalCode[];

/** What each number stands for. */
export const refusalTitles: Readonly<Record<RefusalCode, string>> = Object.fromEntries(
  order.map((code) => [code, kinds[code].title]),
) as Record<RefusalCode, string>;

/** The kind that the verifier's first words, and those that explain them, are of. */
export const refusalKind = (sentences: readonly string[]): RefusalCode => {
  const text = sentences.join("\n");
  return order.find((code) => kinds[code].said.test(text)) ?? "HM2999";
};

/** One sentence: what is wrong and what to write instead. */
export const refusalMessage = (code: RefusalCode, name: string | undefined): string => kinds[code].message(name);
