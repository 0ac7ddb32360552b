/**
 * What Hopmark throws. Every message is lower case, names the object and says what to do;
 * `code` is stable and what callers and `--json` test for.
 */
export interface ErrorDetails {
  /** What to do about it, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class HopmarkError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = details.hint;
  }
}

/** A system call failed: which call, on what, and the errno name (`EBUSY`). */
export class SyscallError extends HopmarkError {
  readonly call: string;
  readonly errno: string;
  readonly object: string | undefined;

  constructor(call: string, errno: string, object?: string, details: ErrorDetails = {}) {
    super(errno, `${call}${object === undefined ? "" : ` (${object})`}: ${errno}`, details);
    this.call = call;
    this.errno = errno;
    this.object = object;
  }
}

/** This kernel or machine lacks something: the feature, what it needs, and what is here. */
export class UnsupportedError extends HopmarkError {
  readonly feature: string;

  constructor(feature: string, message: string, details: ErrorDetails = {}) {
    super("unsupported", message, details);
    this.feature = feature;
  }
}

/** The caller lacks a capability; the hint says how to give it. */
export class PermissionError extends HopmarkError {
  readonly capability: string;

  constructor(capability: string, message: string, details: ErrorDetails = {}) {
    super("not-permitted", message, details);
    this.capability = capability;
  }
}

/** Configuration or arguments are wrong. `file`, `line` and `column` (both 1-based) where there is a file. */
export class ConfigError extends HopmarkError {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(message: string, details: ErrorDetails & { file?: string; line?: number; column?: number } = {}) {
    super("config", message, details);
    this.file = details.file;
    this.line = details.line;
    this.column = details.column;
  }
}
