import { defineCommand } from "../framework/command.ts";

const names = (text: string): readonly string[] => text.split(",").filter((name) => name !== "");
const depth = (text: string): number => {
  if (!/^[0-4]$/.test(text)) throw new Error(`${text} is no number from 0 to 4`);
  return Number(text);
};

export const types = defineCommand({
  name: "types",
  summary: "write the TypeScript types of tracepoints, iterators and kernel structures",
  description: [
    "NAME is a tracepoint of the running kernel, or a module named *.bpf.ts whose tracepoint() and iterator() programs are looked at. What is written is a .d.ts for the editor and the type checker: put it beside the programs. The compiler does not need it, as it asks the kernel that it compiles for.",
    "Of a tracepoint, the structures its arguments point to are listed, with what is part of them; --depth follows more pointers. Of a module, those that its programs read are listed. A structure that is mentioned and not listed has no members.",
  ],
  words: { value: "NAME…", description: "tracepoints and modules; with --list, parts of names, or patterns with *" },
  options: {
    output: {
      flag: "--output",
      short: "-o",
      value: "FILE",
      description: "write it there: kernel.d.ts",
      complete: "file",
    },
    iterator: { flag: "--iterator", value: "KIND,…", description: "kinds of iterators, too: task, tcp", read: names },
    struct: { flag: "--struct", value: "NAME,…", description: "structures to list, too", read: names },
    depth: { flag: "--depth", value: "N", description: "how many pointers to follow; 1 by default", read: depth },
    list: { flag: "--list", description: "say which tracepoints and iterators the kernel has" },
  },
  examples: [
    "hopmark types tcp_retransmit_skb -o kernel.d.ts",
    "hopmark types retransmits.bpf.ts -o kernel.d.ts",
    "hopmark types --list 'tcp_*'",
  ],
  run: async (input, { output }) => {
    const { runTypes } = await import("../types/run-types.ts");
    const { iterator = [], struct = [], depth: pointers, output: file, list, rest } = input;
    await runTypes(
      { names: rest, iterators: iterator, structures: struct, depth: pointers, output: file, list },
      output,
    );
  },
});
