/** Programs in C over Debian's libbpf, which use our objects as their own. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HEADER = "/usr/include/bpf/libbpf.h";

/** Where they are not installed; never in CI. */
export const isWithoutLibbpf = process.env["CI"] === undefined && !existsSync(HEADER);

const FLAGS = ["-O1", "-Wall", "-Wextra", "-Werror"];

/** `NAME.c` of this folder as a program. `headers`: a folder of headers that it includes. */
export class CProgram implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "hopmark-c-"));
  readonly path = join(this.#folder, "program");

  constructor(name: string, headers = "/nonexistent") {
    const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
    execFileSync("gcc", [...FLAGS, "-I", headers, "-o", this.path, source, "-lbpf"], { stdio: "pipe" });
  }

  /** The lines that it prints. Throws what it complains of. */
  lines(...words: readonly string[]): string[] {
    return execFileSync(this.path, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
      .trim()
      .split("\n");
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
