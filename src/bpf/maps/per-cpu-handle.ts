import type { Layout } from "../../wire/layout.ts";
import type { Element } from "../../kernel/maps.ts";
import { elementCodec, type ElementCodec } from "./element-codec.ts";
import { KernelMapHandle } from "./handle.ts";
import type { KernelMap } from "./kernel-map.ts";
import { sumOf } from "../../kernel/sum.ts";

/** A map that holds one value for each possible CPU: every value is an array, by CPU number. */
export class PerCpuMapHandle<K, V> extends KernelMapHandle<K, readonly V[]> {
  readonly #value: ElementCodec<V>;
  readonly #layout: Layout;

  constructor(raw: KernelMap, key: Element, value: Layout) {
    super(raw, key);
    this.#value = elementCodec<V>(value);
    this.#layout = value;
  }

  /**
   * All CPUs' integers added, field by field; text, addresses and bit fields are those of the first CPU that has some.
   * Undefined when there is no such key.
   */
  sum(key: K): V | undefined {
    const values = this.get(key);
    return values === undefined ? undefined : this.#total(values);
  }

  /** All elements, each added up over the CPUs as {@link sum} does. */
  *sums(): Generator<[K, V], void, undefined> {
    for (const [key, values] of this.entries()) yield [key, this.#total(values)];
  }

  #total(values: readonly V[]): V {
    const [first, ...rest] = values;
    if (first === undefined) throw new RangeError("there are no CPUs");
    return sumOf(this.#layout, [first, ...rest]);
  }

  protected override readValue(bytes: Uint8Array, offset: number): readonly V[] {
    const { cpus, stride } = this.raw;
    return Array.from({ length: cpus }, (_, cpu) => this.#value.read(bytes, offset + cpu * stride));
  }

  protected override writeValue(values: readonly V[], bytes: Uint8Array, offset: number): void {
    const { cpus, stride } = this.raw;
    if (values.length !== cpus) {
      throw new RangeError(
        `map ${this.name} holds ${cpus} values a key, one for each possible CPU, not ${values.length}`,
      );
    }
    values.forEach((value, cpu) => this.#value.write(value, bytes, offset + cpu * stride));
  }
}
