/** The note beside the pins: JSON in a map of one value, which is all that bpffs can hold. */
import { HopmarkError } from "../../errors.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import { array, struct, u8 } from "../../wire/layout.ts";
import type { Attachment } from "../attach/attachment.ts";
import { createMap } from "../maps/create.ts";
import { KernelMap } from "../maps/kernel-map.ts";
import { Descriptor, duplicate } from "../sys/descriptor.ts";
import { mapInfo } from "../sys/info.ts";
import { openPinned, pinObject } from "./object.ts";

/** What survives JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** How a pinned program is attached. */
export interface PinnedAttachment {
  readonly hook: Attachment["hook"];
  readonly mechanism: Attachment["mechanism"];
}

/** The note beside the pins of a device: what they are and what they were made from. */
export interface PinMeta {
  readonly version: 1;
  /** See `layoutHash`. */
  readonly layoutHash: string;
  /** Inode number of the network namespace that the device is in. */
  readonly netnsInode: number;
  readonly device: string;
  /** The device's number there. */
  readonly ifindex: number;
  /** By the name of the pin, less `link-`. */
  readonly attachments: Readonly<Record<string, PinnedAttachment>>;
  /** What the feature was configured with. */
  readonly options: Json;
}

export const META = "meta";
/** What takes its place next. */
export const META_NEXT = "meta-new";

const noteDescriptor = (bytes: number): MapDescriptor => ({
  kind: "map",
  type: "array",
  name: "hopmark_meta",
  keyElement: { kind: "integer", bits: 32, order: "little", signed: false },
  valueLayout: struct("note", { json: array(u8, bytes) }),
  keySize: 4,
  valueSize: bytes,
  entries: 1,
  flags: 0,
  initial: undefined,
});

/** Pins the note at `path`. */
export const writeMeta = (path: string, meta: PinMeta): void => {
  const json = new TextEncoder().encode(JSON.stringify(meta));
  const map = createMap(noteDescriptor(json.length));
  try {
    map.value.set(json);
    map.update(0);
    pinObject(map.fd, path);
  } finally {
    map.close();
  }
};

/** @throws HopmarkError `pin-meta` when it is no note of ours, SyscallError ENOENT when it is not there */
export const readMeta = (path: string): PinMeta => {
  const map = openNote(path);
  try {
    map.lookup();
    const meta: unknown = JSON.parse(new TextDecoder().decode(map.value));
    if (isMeta(meta)) return meta;
  } catch (cause) {
    throw new HopmarkError("pin-meta", `${path} cannot be read`, { cause });
  } finally {
    map.close();
  }
  throw new HopmarkError("pin-meta", `${path} was written by another version of hopmark`, {
    hint: "remove it with that version, or delete the directory it is in",
  });
};

const openNote = (path: string): KernelMap => {
  const descriptor = new Descriptor(openPinned(path));
  try {
    return new KernelMap(duplicate(descriptor.fd), noteDescriptor(mapInfo(descriptor.fd).valueSize));
  } finally {
    descriptor.close();
  }
};

const isMeta = (value: unknown): value is PinMeta =>
  typeof value === "object" && value !== null && "version" in value && value.version === 1 && "attachments" in value;
