/** Archives that the kernel unpacks as its first root file system: "newc" cpio (driver-api/early-userspace/buffer-format.rst). */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const FileType = { directory: 0o040000, file: 0o100000, character: 0o020000 } as const;

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly data?: Uint8Array;
  readonly device?: { readonly major: number; readonly minor: number };
}

/** Writes an archive entry by entry. Names are absolute; directories above an entry come with it. */
export class CpioWriter {
  readonly #fd: number;
  readonly #directories = new Set<string>(["/"]);
  #entries = 0;

  constructor(path: string) {
    this.#fd = openSync(path, "w");
  }

  directory(name: string): void {
    if (this.#directories.has(name)) return;
    this.directory(dirname(name));
    this.#directories.add(name);
    this.#write({ name, mode: FileType.directory | 0o755 });
  }

  /** The file as it is at `source`, symbolic links followed. */
  copy(name: string, source: string, permissions = 0o755): void {
    this.file(name, readFileSync(source), permissions);
  }

  file(name: string, data: string | Uint8Array, permissions = 0o755): void {
    this.directory(dirname(name));
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    this.#write({ name, mode: FileType.file | permissions, data: bytes });
  }

  characterDevice(name: string, major: number, minor: number): void {
    this.directory(dirname(name));
    this.#write({ name, mode: FileType.character | 0o666, device: { major, minor } });
  }

  close(): void {
    this.#write({ name: "/TRAILER!!!", mode: 0 });
    closeSync(this.#fd);
  }

  #write({ name, mode, data = new Uint8Array(0), device = { major: 0, minor: 0 } }: Entry): void {
    const path = Buffer.from(`${name.slice(1)}\0`);
    // inode, mode, uid, gid, links, mtime, size, device of the file (2), device it stands for (2), name's bytes, checksum
    const numbers = [++this.#entries, mode, 0, 0, 1, 0, data.length];
    numbers.push(0, 0, device.major, device.minor, path.length, 0);
    const header = `070701${numbers.map((value) => value.toString(16).padStart(8, "0")).join("")}`;
    this.#padded(Buffer.concat([Buffer.from(header), path]));
    this.#padded(data);
  }

  #padded(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    const rest = -bytes.length & 3;
    if (rest > 0) writeSync(this.#fd, new Uint8Array(rest));
  }
}
