/** Maps as the kernel keeps them: bytes under bytes. */
import type { MapDescriptor } from "../maps.ts";
import type { Memory } from "./memory.ts";

/** Why an update was refused: its flags were not met, there is no room, or the key cannot be in this map. */
export type Refusal = "flags" | "full" | "range";

/** `slots`: one value, or one for each CPU. */
export interface StoredMap {
  readonly descriptor: MapDescriptor;
  /** What a program's lookup finds: every slot of the key. */
  lookup(key: Uint8Array): readonly Memory[] | null;
  /** What user space reads; does not count as use. */
  peek(key: Uint8Array): readonly Memory[] | null;
  /** Writes one slot as a program does, or all of them (`slot` undefined) as user space does. */
  update(key: Uint8Array, values: readonly Uint8Array[], flags: number, slot: number | undefined): Refusal | null;
  /** False when there was nothing; null when this kind of map keeps all its keys. */
  remove(key: Uint8Array): boolean | null;
  entries(): Iterable<readonly [Uint8Array, readonly Memory[]]>;
}

/** Bytes as a key of JavaScript's own maps. */
export const textOf = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
