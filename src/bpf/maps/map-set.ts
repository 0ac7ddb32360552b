import { HopmarkError } from "../../errors.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import { RingReader } from "../ring.ts";
import { createMap, type MapBtf } from "./create.ts";
import { type HandleOf, openHandle } from "./handles.ts";
import type { KernelMap } from "./kernel-map.ts";
import { type Shareable, shareMap } from "./share.ts";

/** The maps of programs that are loaded together: one kernel map, and one handle, for each descriptor. */
export class MapSet {
  readonly #maps = new Map<MapDescriptor, KernelMap>();
  readonly #handles = new Map<MapDescriptor, unknown>();

  /** Makes the map, or takes the given one; does nothing when the descriptor has one already. */
  add(descriptor: MapDescriptor, btf: MapBtf | undefined, shared: Shareable | undefined): void {
    if (this.#maps.has(descriptor)) return;
    this.#maps.set(descriptor, shared === undefined ? createMap(descriptor, btf) : shareMap(shared, descriptor));
  }

  get descriptors(): readonly MapDescriptor[] {
    return [...this.#maps.keys()];
  }

  /** The map as bytes. */
  raw(descriptor: MapDescriptor): KernelMap {
    const map = this.#maps.get(descriptor);
    if (map !== undefined) return map;
    throw new HopmarkError("no-map", `none of these programs uses map ${descriptor.name}`, {
      hint: "a map named only in code that folded away is not made",
    });
  }

  /** The typed handle, the same one each time. */
  handle<D extends MapDescriptor>(descriptor: D): HandleOf<D> {
    if (!this.#handles.has(descriptor)) this.#handles.set(descriptor, openHandle(this.raw(descriptor), descriptor));
    return this.#handles.get(descriptor) as HandleOf<D>;
  }

  close(): void {
    for (const handle of this.#handles.values()) if (handle instanceof RingReader) handle.close();
    this.#handles.clear();
    for (const map of this.#maps.values()) map.close();
  }
}
