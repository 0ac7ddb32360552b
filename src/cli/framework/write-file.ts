import { writeFileSync } from "node:fs";
import { ConfigError } from "../../errors.ts";
import { fileErrorCode, fileReason } from "../../linux/file-reason.ts";

/** Writes the file that the user named with `-o`. ConfigError when it cannot be written. */
export const writeFile = (path: string, data: string | Uint8Array): void => {
  try {
    writeFileSync(path, data);
  } catch (cause) {
    const code = fileErrorCode(cause);
    const hint =
      code === "ENOSPC" || code === "EDQUOT"
        ? "make room, or write it elsewhere"
        : "name a file in a folder that is there and that you may write to";
    throw new ConfigError(`cannot write ${path}: ${fileReason(cause)}`, { file: path, hint, cause });
  }
};
