/** Reads what clang writes: sections, symbols and relocations of a 64-bit little-endian ELF object. */

export interface Section {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly executable: boolean;
  readonly bytes: Uint8Array;
  /** For relocations: index of the section they belong to. */
  readonly target: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly type: number;
  /** Index of the section it lies in. */
  readonly section: number;
  readonly value: number;
  readonly size: number;
}

export interface Relocation {
  readonly offset: number;
  readonly symbol: ElfSymbol;
}

export interface ElfObject {
  readonly sections: readonly Section[];
  readonly symbols: readonly ElfSymbol[];
  /** Of the section with this index. */
  relocations(section: number): readonly Relocation[];
}

export const STT_OBJECT = 1;
export const STT_FUNC = 2;
const SHT = { SYMTAB: 2, NOBITS: 8, REL: 9 } as const;
const SHF_EXECINSTR = 4n;
const EM_BPF = 247;

export const readElf = (given: Uint8Array): ElfObject => {
  // A Buffer's slices would share its memory, and have other offsets in it.
  const file = Uint8Array.from(given);
  const view = new DataView(file.buffer);
  if (view.getUint32(0) !== 0x7f454c46 || view.getUint16(18, true) !== EM_BPF) throw new Error("no eBPF object");
  const number = (at: number): number => Number(view.getBigUint64(at, true));
  const headers = number(40);
  const raw = Array.from({ length: view.getUint16(60, true) }, (_, index) => {
    const at = headers + index * 64;
    const type = view.getUint32(at + 4, true);
    const size = number(at + 32);
    const offset = number(at + 24);
    return {
      index,
      type,
      nameAt: view.getUint32(at, true),
      executable: (view.getBigUint64(at + 8, true) & SHF_EXECINSTR) !== 0n,
      bytes: type === SHT.NOBITS ? new Uint8Array(size) : file.slice(offset, offset + size),
      link: view.getUint32(at + 40, true),
      target: view.getUint32(at + 44, true),
    };
  });
  const names = raw[view.getUint16(62, true)]?.bytes ?? new Uint8Array(0);
  const sections = raw.map((section): Section => ({ ...section, name: text(names, section.nameAt) }));
  const table = raw.find(({ type }) => type === SHT.SYMTAB);
  const symbols = table === undefined ? [] : readSymbols(table.bytes, raw[table.link]?.bytes ?? names);
  return {
    sections,
    symbols,
    relocations: (target) =>
      sections
        .filter((section) => section.type === SHT.REL && section.target === target)
        .flatMap(({ bytes }) => readRelocations(bytes, symbols)),
  };
};

const text = (strings: Uint8Array, at: number): string =>
  new TextDecoder().decode(strings.subarray(at, strings.indexOf(0, at)));

const readSymbols = (bytes: Uint8Array, strings: Uint8Array): ElfSymbol[] => {
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 24 }, (_, index) => ({
    name: text(strings, view.getUint32(index * 24, true)),
    type: view.getUint8(index * 24 + 4) & 0x0f,
    section: view.getUint16(index * 24 + 6, true),
    value: Number(view.getBigUint64(index * 24 + 8, true)),
    size: Number(view.getBigUint64(index * 24 + 16, true)),
  }));
};

const readRelocations = (bytes: Uint8Array, symbols: readonly ElfSymbol[]): Relocation[] => {
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 16 }, (_, index) => {
    const symbol = symbols[view.getUint32(index * 16 + 12, true)];
    if (symbol === undefined) throw new Error(`relocation ${index} names no symbol`);
    return { offset: Number(view.getBigUint64(index * 16, true)), symbol };
  });
};
