import { HopmarkError } from "../../errors.ts";
import { locate, type Position } from "../../kernel/source.ts";

/**
 * A module cannot be read: `syntax` when it is no TypeScript, `not-erasable` when its TypeScript needs more than blanking
 * types. The message starts with `file:line:column` and ends with the source line and a caret.
 */
export class SourceError extends HopmarkError {
  readonly file: string;
  /** 1-based; columns in UTF-16 units. */
  readonly line: number;
  readonly column: number;

  constructor(code: "syntax" | "not-erasable", message: string, position: Position, hint?: string) {
    const { line, column, text } = locate(position);
    const caret = text.slice(0, column - 1).replace(/[^\t]/g, " ");
    super(
      code,
      `${position.module.url}:${line}:${column}: ${message}\n  ${text}\n  ${caret}^`,
      hint === undefined ? {} : { hint },
    );
    this.file = position.module.url;
    this.line = line;
    this.column = column;
  }
}
