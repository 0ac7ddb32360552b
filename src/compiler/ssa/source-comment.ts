import { locate, type Position } from "../../kernel/source.ts";

/** The source line that a position is in, between what became of it: `; return Xdp.Pass; @ count.bpf.ts:8`. */
export const sourceComment = (position: Position): string => {
  const { line, text } = locate(position);
  return `; ${text.trim()} @ ${position.module.url.split("/").at(-1)}:${line}`;
};
