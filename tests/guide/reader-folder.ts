/** The folder that the guide has its reader make: Hopmark installed in it, strict TypeScript. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export class ReaderFolder {
  readonly path = mkdtempSync(join(tmpdir(), "hopmark-guide-"));
  readonly bin = join(this.path, "node_modules", ".bin");

  constructor() {
    mkdirSync(this.bin, { recursive: true });
    symlinkSync(root, join(this.path, "node_modules", "hopmark"));
    symlinkSync(join(root, "bin", "hopmark.js"), join(this.bin, "hopmark"));
    symlinkSync(join(root, "node_modules", ".bin", "tsc"), join(this.bin, "tsc"));
    mkdirSync(join(this.path, "node_modules", "@types"));
    for (const tool of ["typescript", "@types/node"]) {
      symlinkSync(join(root, "node_modules", tool), join(this.path, "node_modules", tool));
    }
    this.write("package.json", '{ "name": "reader", "type": "module" }\n');
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  /** What the type checker says of these files, with the tsconfig that lies in the folder; empty when nothing. */
  typecheck(): string {
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    return spawnSync(process.execPath, [tsc, "-p", "."], { cwd: this.path, encoding: "utf8" }).stdout;
  }

  /** What `hopmark` complains about; empty when it does not. */
  hopmark(...words: readonly string[]): string {
    const command = join(this.bin, "hopmark");
    const { status, stderr } = spawnSync(process.execPath, [command, ...words], { cwd: this.path, encoding: "utf8" });
    return status === 0 ? "" : `hopmark ${words.join(" ")}: ${stderr}`;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
