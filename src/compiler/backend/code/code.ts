/** Instructions with real registers, in blocks whose order and jumps are not yet decided. */
import type { Position } from "../../../kernel/source.ts";
import type { Condition, SsaFunction } from "../../ssa/ir.ts";
import type { Rebuild } from "../machine.ts";

/** What the loader fills in. */
export type Reference =
  | Extract<Rebuild, { kind: "map" | "mapValue" }>
  | { readonly kind: "kfunc"; readonly name: string }
  | { readonly kind: "function"; readonly callee: SsaFunction };

/** One instruction: 8 bytes, or 16 with `wide`, the upper half of a 64-bit immediate. */
export interface Word {
  readonly code: number;
  readonly destination: number;
  readonly source: number;
  readonly offset: number;
  readonly immediate: number;
  readonly wide: number | null;
  readonly reference: Reference | null;
  readonly position: Position | null;
}

export interface Branch {
  readonly kind: "branch";
  /** Class and source of the opcode; the operation is the condition's. */
  readonly code: number;
  readonly condition: Condition;
  readonly destination: number;
  readonly source: number;
  readonly immediate: number;
  readonly taken: CodeBlock;
  readonly otherwise: CodeBlock;
  /** Estimated, that the branch is taken; 0 to 1. */
  readonly chance: number;
  readonly position: Position | null;
}

export interface JumpEnd {
  readonly kind: "jump";
  readonly target: CodeBlock;
  readonly position: Position | null;
}

export interface ExitEnd {
  readonly kind: "exit";
  readonly position: Position | null;
}

export interface CodeBlock {
  readonly id: number;
  /** Estimated runs per run of the function. */
  frequency: number;
  words: Word[];
  end: Branch | JumpEnd | ExitEnd;
}

export const word = (
  code: number,
  position: Position | null,
  fields: Partial<Omit<Word, "code" | "position">> = {},
): Word => ({
  code,
  destination: fields.destination ?? 0,
  source: fields.source ?? 0,
  offset: fields.offset ?? 0,
  immediate: fields.immediate ?? 0,
  wide: fields.wide ?? null,
  reference: fields.reference ?? null,
  position,
});

/** Where a block can lead: of a branch, taken and otherwise. */
export const targetsOf = ({ end }: CodeBlock): readonly CodeBlock[] => {
  switch (end.kind) {
    case "jump":
      return [end.target];
    case "branch":
      return [end.taken, end.otherwise];
    case "exit":
      return [];
  }
};

/** Lets every edge from `block` lead where `map` says. */
export const redirect = (block: CodeBlock, map: (target: CodeBlock) => CodeBlock): void => {
  const { end } = block;
  if (end.kind === "jump") {
    const target = map(end.target);
    if (target !== end.target) block.end = { ...end, target };
  } else if (end.kind === "branch") {
    const taken = map(end.taken);
    const otherwise = map(end.otherwise);
    if (taken === end.taken && otherwise === end.otherwise && taken !== otherwise) return;
    block.end =
      taken === otherwise ? { kind: "jump", target: taken, position: end.position } : { ...end, taken, otherwise };
  }
};
