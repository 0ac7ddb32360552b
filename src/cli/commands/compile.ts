import { defineCommand } from "../framework/command.ts";
import { oneOf } from "../framework/values.ts";

const views = ["ssa", "asm", "cost"] as const;
// Not in the table: inference of its type stops at a call of a generic function.
const readView = oneOf(...views);

export const compile = defineCommand({
  name: "compile",
  summary: "compile the programs of a TypeScript file to eBPF, and say what they became",
  description: [
    "FILE is a module named *.bpf.ts that exports programs, made with xdp(), tc(), cgroupSkb(), sockOps(), tracepoint(), rawTracepoint() or iterator(). Its top level runs here, in Node; the functions of its programs are compiled. Nothing of this needs rights or a Linux that runs BPF, save that --print cost asks the kernel's verifier when it may.",
    "The object that -o writes is a standard one: bpftool, libbpf and iproute2 load it. What was folded in while compiling stays folded in: of programs that follow the kernel, where this kernel keeps the members they read.",
  ],
  positionals: { file: { value: "FILE", description: "the module: count.bpf.ts", complete: "file" } },
  options: {
    output: { flag: "--output", short: "-o", value: "OBJ", description: "write an ELF object", complete: "file" },
    program: { flag: "--program", value: "NAME", description: "this program only, by its name or its export's" },
    print: {
      flag: "--print",
      value: views.join("|"),
      description:
        "what became of it: what the front end made, machine code between its source lines, or the cost of each source line",
      complete: views,
      read: readView,
    },
    log: { flag: "--log", description: "with --print cost: show the verifier's own log when it refuses the program" },
  },
  examples: [
    "hopmark compile count.bpf.ts",
    "hopmark compile count.bpf.ts --print cost",
    "hopmark compile count.bpf.ts -o count.o && ip link set dev eth0 xdp obj count.o sec xdp",
  ],
  run: async (input, { output }) => {
    const { runCompile } = await import("../compile/run-compile.ts");
    await runCompile(input, output);
  },
});
