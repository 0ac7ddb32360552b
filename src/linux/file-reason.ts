/** Why a file could not be opened, read or written, for people. */

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the quota is used up",
  EFBIG: "the file is as large as it may be",
  ENOENT: "there is no such folder",
  ENOTDIR: "there is no such folder",
  EISDIR: "that is a folder",
  EACCES: "permission denied",
  EROFS: "the file system is read-only",
  ELOOP: "its symbolic links go round in circles",
  ENAMETOOLONG: "its name is too long",
};

/** The reason of an error of `node:fs`; `ENOENT` is about the folder, as it is for who writes. */
export const fileReason = (error: unknown): string => {
  const code = fileErrorCode(error);
  return reasons[code] ?? (code === "" ? String(error) : code);
};

/** `ENOENT`; empty for what has no code. */
export const fileErrorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
