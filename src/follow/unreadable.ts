/** Why a file cannot be read, and what to do about it. */
import { ConfigError, HopmarkError } from "../errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
};

/** `hint`: which files can be read there. HopmarkErrors are good as they are. */
export const unreadable = (name: string, error: unknown, hint: string): HopmarkError => {
  if (error instanceof HopmarkError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  if (code === "EACCES") {
    return new HopmarkError(code, `cannot read ${name}: permission denied`, {
      hint: `let its owner or root give you the right to read it (chmod), or run this as root`,
      cause: error,
    });
  }
  return new ConfigError(`cannot read ${name}: ${reasons[code] ?? code}`, { hint, cause: error });
};
