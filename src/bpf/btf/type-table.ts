/** Reading the BPF Type Format (Documentation/bpf/btf.rst): the type table as words, found by id. */
import { HopmarkError } from "../../errors.ts";
import { BTF_MAGIC, BtfKind } from "../../compiler/object/btf-kind.ts";

/** Words after a type's three common ones, for kinds of fixed length. */
const FIXED_WORDS = new Map<number, number>([
  [BtfKind.INT, 1],
  [BtfKind.ARRAY, 3],
  [BtfKind.VAR, 1],
  [BtfKind.DECL_TAG, 1],
]);

/** Words of each of the `vlen` entries behind a type. */
const ENTRY_WORDS = new Map<number, number>([
  [BtfKind.STRUCT, 3],
  [BtfKind.UNION, 3],
  [BtfKind.ENUM, 2],
  [BtfKind.FUNC_PROTO, 2],
  [BtfKind.DATASEC, 3],
  [BtfKind.ENUM64, 3],
]);

const HIGHEST_KIND = BtfKind.ENUM64;

/** Per kind, as arrays: the scan over some 100,000 types is what loading costs. */
const fixedWords = Uint8Array.from({ length: 32 }, (_, kind) => FIXED_WORDS.get(kind) ?? 0);
const entryWords = Uint8Array.from({ length: 32 }, (_, kind) => ENTRY_WORDS.get(kind) ?? 0);

const corrupt = (what: string): HopmarkError => new HopmarkError("btf", `type information cannot be read: ${what}`);

/** Types of one BTF blob. `words[at[id]]` is the name of type `id`, then come info and size-or-type. */
export class BtfTypeTable {
  readonly words: Uint32Array;
  /** Index into `words` of each type; type 0 is void and has none. */
  readonly at: Uint32Array;
  readonly count: number;
  readonly #strings: Buffer;

  constructor(blob: Uint8Array) {
    const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
    if (blob.byteLength < 24 || view.getUint16(0, true) !== BTF_MAGIC) throw corrupt("no BTF header");
    const header = view.getUint32(4, true);
    const [typeOffset, typeBytes] = [view.getUint32(8, true), view.getUint32(12, true)];
    const [stringOffset, stringBytes] = [view.getUint32(16, true), view.getUint32(20, true)];
    if (header + Math.max(typeOffset + typeBytes, stringOffset + stringBytes) > blob.byteLength) throw corrupt("short");
    const start = blob.byteOffset + header + typeOffset;
    this.words =
      start % 4 === 0
        ? new Uint32Array(blob.buffer, start, typeBytes / 4)
        : new Uint32Array(blob.slice(header + typeOffset, header + typeOffset + typeBytes).buffer);
    this.#strings = Buffer.from(blob.buffer, blob.byteOffset + header + stringOffset, stringBytes);
    const at = new Uint32Array(typeBytes / 12 + 1);
    this.count = indexTypes(this.words, at);
    this.at = at;
  }

  kind(id: number): number {
    return ((this.words[(this.at[id] ?? 0) + 1] ?? 0) >>> 24) & 0x1f;
  }

  /** Entries behind the type: members, parameters. */
  length(id: number): number {
    return (this.words[(this.at[id] ?? 0) + 1] ?? 0) & 0xffff;
  }

  kindFlag(id: number): boolean {
    return (this.words[(this.at[id] ?? 0) + 1] ?? 0) >>> 31 === 1;
  }

  /** The third word: bytes for integers and structures, the target for pointers, typedefs and functions. */
  sizeOrType(id: number): number {
    return this.words[(this.at[id] ?? 0) + 2] ?? 0;
  }

  /** The words behind a type's three common ones: encoding, members, parameters. */
  entry(id: number, index: number): number {
    return this.words[(this.at[id] ?? 0) + 3 + index] ?? 0;
  }

  nameOffset(id: number): number {
    return id === 0 ? 0 : (this.words[this.at[id] ?? 0] ?? 0);
  }

  name(id: number): string {
    return this.text(this.nameOffset(id));
  }

  text(offset: number): string {
    return this.#strings.toString("utf8", offset, this.#strings.indexOf(0, offset));
  }

  /** Where a name stands among the strings, each of which is there once; undefined when nothing has it. */
  findText(text: string): number | undefined {
    const found = this.#strings.indexOf(`\0${text}\0`, 0, "utf8");
    return found === -1 ? undefined : found + 1;
  }

  /** The names of all types of these kinds, each once. */
  names(kinds: readonly number[]): string[] {
    const offsets = new Set<number>();
    for (let id = 1; id <= this.count; id++) if (kinds.includes(this.kind(id))) offsets.add(this.nameOffset(id));
    offsets.delete(0);
    return [...offsets].map((offset) => this.text(offset));
  }

  /** The first type of one of these kinds with that name. */
  find(kinds: readonly number[], name: string): number | undefined {
    const offset = this.findText(name);
    if (offset === undefined) return undefined;
    const { words, at } = this;
    for (let id = 1; id <= this.count; id++) {
      if (words[at[id] ?? 0] === offset && kinds.includes(this.kind(id))) return id;
    }
    return undefined;
  }
}

/** Fills `at` and returns the number of types. */
const indexTypes = (words: Uint32Array, at: Uint32Array): number => {
  let id = 0;
  let word = 0;
  while (word + 3 <= words.length) {
    const info = words[word + 1] ?? 0;
    const kind = (info >>> 24) & 0x1f;
    if (kind === 0 || kind > HIGHEST_KIND) throw corrupt(`type ${id + 1} is of unknown kind ${kind}`);
    at[++id] = word;
    word += 3 + (fixedWords[kind] ?? 0) + (info & 0xffff) * (entryWords[kind] ?? 0);
  }
  return id;
};
