/** Compiles the peers with clang. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UnsupportedError } from "../../src/errors.ts";
import { readObject, type PeerObject } from "./object.ts";

/** What the comparison is against. */
export const CLANG_FLAGS = [
  "-O2",
  "-mcpu=v3",
  "-target",
  "bpf",
  "-g",
  "-Wall",
  "-Wextra",
  "-Wno-sign-compare",
] as const;

const COMMAND = "clang";

/** The first line of what clang says of itself; undefined when there is none. */
export const clangVersion = (): string | undefined => {
  const { error, stdout } = spawnSync(COMMAND, ["--version"], { encoding: "utf8" });
  return error === undefined ? stdout.split("\n")[0] : undefined;
};

/**
 * `c/NAME.c`, compiled.
 * @throws UnsupportedError `clang` when it is not installed; Error with what clang complains about, warnings included
 */
export const buildPeer = (name: string): PeerObject => {
  const source = fileURLToPath(new URL(`c/${name}.c`, import.meta.url));
  const directory = mkdtempSync(join(tmpdir(), "hopmark-peers-"));
  try {
    const object = join(directory, `${name}.o`);
    const { error, status, stderr } = spawnSync(COMMAND, [...CLANG_FLAGS, "-c", source, "-o", object], {
      encoding: "utf8",
    });
    if (error !== undefined) {
      throw new UnsupportedError("clang", "clang, which compiles the peers in C, is not installed", {
        hint: "apt-get install clang",
        cause: error,
      });
    }
    if (status !== 0 || stderr !== "") throw new Error(`clang ${source}:\n${stderr}`);
    return readObject(readFileSync(object), { url: `file://${source}`, text: readFileSync(source, "utf8") });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};
