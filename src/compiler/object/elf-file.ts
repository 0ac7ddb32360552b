/** Writes ELF files of the relocatable kind (System V ABI), 64-bit and little-endian, for the BPF machine. */

/** `code` is executed, `data` is what it works on, `note` is for tools. */
export type SectionKind = "code" | "data" | "note";

export interface ElfRelocation {
  /** Byte of the section that names the symbol. */
  readonly offset: number;
  readonly type: number;
  readonly symbol: string;
}

export interface ElfSection {
  readonly name: string;
  readonly kind: SectionKind;
  readonly bytes: Uint8Array;
  readonly relocations?: readonly ElfRelocation[];
}

export interface ElfSymbol {
  readonly name: string;
  readonly kind: "function" | "object" | "extern";
  /** Seen in this object only. */
  readonly isLocal?: boolean;
  /** Name of its section; nothing for what is defined elsewhere. */
  readonly section: string | null;
  readonly offset: number;
  readonly size: number;
}

const HEADER_BYTES = 64;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
const RELOCATION_BYTES = 16;
const ALIGNMENT = 8;

const ET_REL = 1;
const EM_BPF = 247;
const SHT = { PROGBITS: 1, SYMTAB: 2, STRTAB: 3, REL: 9 } as const;
const SHF = { WRITE: 1, ALLOC: 2, EXECINSTR: 4 } as const;
const STB_LOCAL = 0;
const STB_GLOBAL = 1;
const STT = { NOTYPE: 0, OBJECT: 1, FUNC: 2 } as const;

const FLAGS: Readonly<Record<SectionKind, number>> = {
  code: SHF.ALLOC | SHF.EXECINSTR,
  data: SHF.ALLOC | SHF.WRITE,
  note: 0,
};
const SYMBOL_TYPES: Readonly<Record<ElfSymbol["kind"], number>> = {
  function: STT.FUNC,
  object: STT.OBJECT,
  extern: STT.NOTYPE,
};

interface RawSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly link: number;
  readonly info: number;
  readonly entryBytes: number;
}

/** Sections in this order, then their relocations, symbols and names. */
export const elfFile = (sections: readonly ElfSection[], given: readonly ElfSymbol[]): Uint8Array => {
  const isLocal = (symbol: ElfSymbol): boolean => symbol.isLocal === true;
  const locals = given.filter(isLocal);
  // Those come first.
  const symbols = [...locals, ...given.filter((symbol) => !isLocal(symbol))];
  const strings = new StringTable();
  const indexOf = new Map(sections.map(({ name }, index) => [name, index + 1]));
  const symbolIndex = new Map(symbols.map(({ name }, index) => [name, index + 1]));
  const related = sections.filter(({ relocations }) => relocations !== undefined && relocations.length > 0);
  const symbolTable = 1 + sections.length + related.length;
  const plain = { link: 0, info: 0, entryBytes: 0 };
  const all: RawSection[] = [
    { name: "", type: 0, flags: 0, bytes: new Uint8Array(0), ...plain },
    ...sections.map(({ name, kind, bytes }) => ({ name, type: SHT.PROGBITS, flags: FLAGS[kind], bytes, ...plain })),
    ...related.map((section) => ({
      name: `.rel${section.name}`,
      type: SHT.REL,
      flags: 0,
      bytes: relocationTable(section.relocations ?? [], symbolIndex),
      link: symbolTable,
      info: indexOf.get(section.name) ?? 0,
      entryBytes: RELOCATION_BYTES,
    })),
    {
      name: ".symtab",
      type: SHT.SYMTAB,
      flags: 0,
      bytes: symbolBytes(symbols, indexOf, strings),
      link: symbolTable + 1,
      info: 1 + locals.length,
      entryBytes: SYMBOL_BYTES,
    },
  ];
  for (const { name } of all) strings.add(name);
  strings.add(".strtab");
  return assemble([...all, { name: ".strtab", type: SHT.STRTAB, flags: 0, bytes: strings.bytes(), ...plain }], strings);
};

const relocationTable = (
  relocations: readonly ElfRelocation[],
  symbolIndex: ReadonlyMap<string, number>,
): Uint8Array => {
  const view = new DataView(new ArrayBuffer(relocations.length * RELOCATION_BYTES));
  relocations.forEach(({ offset, type, symbol }, index) => {
    const found = symbolIndex.get(symbol);
    if (found === undefined) throw new Error(`no symbol ${symbol}`);
    view.setBigUint64(index * RELOCATION_BYTES, BigInt(offset), true);
    view.setUint32(index * RELOCATION_BYTES + 8, type, true);
    view.setUint32(index * RELOCATION_BYTES + 12, found, true);
  });
  return new Uint8Array(view.buffer);
};

const symbolBytes = (
  symbols: readonly ElfSymbol[],
  indexOf: ReadonlyMap<string, number>,
  strings: StringTable,
): Uint8Array => {
  const view = new DataView(new ArrayBuffer((symbols.length + 1) * SYMBOL_BYTES));
  symbols.forEach(({ name, kind, section, offset, size, isLocal }, index) => {
    const at = (index + 1) * SYMBOL_BYTES;
    view.setUint32(at, strings.add(name), true);
    view.setUint8(at + 4, ((isLocal === true ? STB_LOCAL : STB_GLOBAL) << 4) | SYMBOL_TYPES[kind]);
    view.setUint16(at + 6, section === null ? 0 : (indexOf.get(section) ?? 0), true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, BigInt(size), true);
  });
  return new Uint8Array(view.buffer);
};

const align = (offset: number): number => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;

/** File header, the sections' bytes, the section headers; the last section holds the names. */
const assemble = (sections: readonly RawSection[], strings: StringTable): Uint8Array => {
  const offsets: number[] = [];
  let end = HEADER_BYTES;
  for (const { bytes } of sections) {
    offsets.push(align(end));
    end = align(end) + bytes.length;
  }
  const headers = align(end);
  const file = new Uint8Array(headers + sections.length * SECTION_HEADER_BYTES);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, ET_REL, true);
  view.setUint16(18, EM_BPF, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(headers), true);
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(58, SECTION_HEADER_BYTES, true);
  view.setUint16(60, sections.length, true);
  view.setUint16(62, sections.length - 1, true);
  sections.slice(1).forEach((section, index) => {
    const offset = offsets[index + 1] ?? 0;
    const at = headers + (index + 1) * SECTION_HEADER_BYTES;
    file.set(section.bytes, offset);
    view.setUint32(at, strings.add(section.name), true);
    view.setUint32(at + 4, section.type, true);
    view.setBigUint64(at + 8, BigInt(section.flags), true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(section.bytes.length), true);
    view.setUint32(at + 40, section.link, true);
    view.setUint32(at + 44, section.info, true);
    view.setBigUint64(at + 48, BigInt(section.type === SHT.STRTAB ? 1 : ALIGNMENT), true);
    view.setBigUint64(at + 56, BigInt(section.entryBytes), true);
  });
  return file;
};

/** Names, each once, ended by zeros. */
class StringTable {
  readonly #offsets = new Map<string, number>([["", 0]]);
  #size = 1;

  add(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#size;
    this.#offsets.set(text, offset);
    this.#size += new TextEncoder().encode(text).length + 1;
    return offset;
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#size);
    for (const [text, offset] of this.#offsets) new TextEncoder().encodeInto(text, bytes.subarray(offset));
    return bytes;
  }
}
