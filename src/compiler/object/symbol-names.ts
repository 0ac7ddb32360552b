import { identifier } from "./btf-builder.ts";

/** Names that the linker sees: C identifiers, each used once; what comes later under a name in use gets `_2`, `_3`, … */
export class SymbolNames {
  readonly #used: Set<string>;

  /** `reserved`: names that must stay as they are. */
  constructor(reserved: Iterable<string>) {
    this.#used = new Set(reserved);
  }

  take(name: string): string {
    const wanted = identifier(name);
    let free = wanted;
    for (let count = 2; this.#used.has(free); count++) free = `${wanted}_${count}`;
    this.#used.add(free);
    return free;
  }
}
