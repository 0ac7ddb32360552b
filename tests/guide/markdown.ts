/** The fenced blocks of a page of the guide, with what their first line says they are. */

export type Block =
  /** A file of the reader's folder: ` ```ts file=count.bpf.ts `. */
  | { readonly kind: "file"; readonly name: string; readonly text: string; readonly line: number }
  /** Statements of a program, to be put into one: ` ```ts fragment `. */
  | { readonly kind: "fragment"; readonly text: string; readonly line: number }
  /** Commands behind `$ ` and what they print: ` ```console `; on one of three machines: ` ```console on=athos `. */
  | { readonly kind: "console"; readonly text: string; readonly line: number; readonly machine?: string };

/** Blocks that show and do nothing: a screen, C that is ported. */
const SHOWN = new Set(["text", "c", "json"]);

export const blocksOf = (markdown: string): Block[] => {
  const lines = markdown.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const info = /^```(.+)$/.exec(lines[at] ?? "")?.[1];
    if (info === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    if (end === -1) throw new Error(`line ${at + 1}: a block without an end`);
    const block = blockOf(info, `${lines.slice(at + 1, end).join("\n")}\n`, at + 1);
    if (block !== null) blocks.push(block);
    at = end;
  }
  return blocks;
};

const blockOf = (info: string, text: string, line: number): Block | null => {
  if (SHOWN.has(info)) return null;
  const name = /^(?:ts|json) file=(\S+)$/.exec(info)?.[1];
  if (name !== undefined) return { kind: "file", name, text, line };
  if (info === "ts fragment") return { kind: "fragment", text, line };
  if (info === "console") return { kind: "console", text, line };
  const machine = /^console on=(\w+)$/.exec(info)?.[1];
  if (machine !== undefined) return { kind: "console", text, line, machine };
  throw new Error(`line ${line}: a block of an unknown kind: ${info}`);
};
