/** Debian's bpftool as the judge of objects: loads them with its own libbpf, under a directory of the test's own. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { BPFFS, ensureBpffs } from "../../../src/bpf/pin/bpffs.ts";
import { writeObject } from "../../../src/compiler/object/elf.ts";
import type { CompiledProgram } from "../../../src/compiler/program.ts";

let count = 0;

/** Writes the object of these programs into a file that is gone when the test has finished. */
export const objectFile = (...programs: readonly CompiledProgram[]): string => {
  const directory = mkdtempSync(join(tmpdir(), "hopmark-object-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "object.o");
  writeFileSync(file, writeObject(programs));
  return file;
};

export const bpftool = (...words: readonly string[]): string =>
  execFileSync("bpftool", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const json = <T>(...words: readonly string[]): T => JSON.parse(bpftool("-j", ...words)) as T;

/** A program as the kernel shows it. */
export interface ShownProgram {
  readonly type: string;
  readonly name: string;
  readonly tag: string;
  readonly map_ids?: readonly number[];
}

/** An object that bpftool has loaded; its programs and maps are gone when the test has finished. */
export class BpftoolObject {
  readonly #directory: string;

  constructor(file: string) {
    ensureBpffs();
    this.#directory = join(BPFFS, `hm-object-${process.pid}-${count++}`);
    mkdirSync(this.#directory);
    onTestFinished(() => rmSync(this.#directory, { recursive: true, force: true }));
    mkdirSync(join(this.#directory, "maps"));
    bpftool("prog", "loadall", file, join(this.#directory, "programs"), "pinmaps", join(this.#directory, "maps"));
  }

  #program(name: string): string {
    return join(this.#directory, "programs", name);
  }

  program(name: string): ShownProgram {
    return json("prog", "show", "pinned", this.#program(name));
  }

  /** The lines above the instructions: file, line number and text of each. */
  lines(name: string): { file: string; line: number; text: string }[] {
    const dump = bpftool("prog", "dump", "xlated", "pinned", this.#program(name), "linum");
    return [...dump.matchAll(/^\s*; (.*) \[file:(\S+) line_num:(\d+) line_col:\d+\]$/gm)].map(
      ([, text = "", file = "", line]) => ({ file, line: Number(line), text }),
    );
  }

  /** Runs the program on a packet; returns the verdict as the kernel's unsigned number. */
  run(name: string, packet: Uint8Array): number {
    const input = join(mkdtempSync(join(tmpdir(), "hopmark-object-")), "packet");
    onTestFinished(() => rmSync(join(input, ".."), { recursive: true, force: true }));
    writeFileSync(input, packet);
    return json<{ retval: number }>("prog", "run", "pinned", this.#program(name), "data_in", input).retval;
  }

  map<T>(name: string): T {
    return json("map", "show", "pinned", join(this.#directory, "maps", name));
  }

  /** The entries with the names that BTF gives their fields. */
  dump<T>(name: string): T {
    return (json<{ formatted?: unknown }[]>("map", "dump", "pinned", join(this.#directory, "maps", name)) ?? []).map(
      (entry) => entry.formatted ?? entry,
    ) as T;
  }
}
