/** What Hopmark keeps in bpffs beyond the command that made it. */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { HopmarkError, PermissionError, SyscallError } from "../../errors.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Netns } from "../../linux/netns.ts";
import type { Attachable, Attachment } from "../attach/attachment.ts";
import type { KernelMap } from "../maps/kernel-map.ts";
import { bpffsMounted } from "./bpffs.ts";
import { findNetns } from "./find-netns.ts";
import { layoutHash } from "./layout-hash.ts";
import { withPinLock } from "./lock.ts";
import { type Json, META, type PinMeta, readMeta, writeMeta } from "./meta.ts";
import { pinObject } from "./object.ts";
import { PinnedSet, removeDirectory } from "./pinned-set.ts";
import { PIN_ROOT, type PinPlace, pinDirectory, placeOf, withPinAccess } from "./place.ts";

/** What to pin, by names of letters, digits, `_` and `-`. */
export interface PinContents {
  readonly attachments: Readonly<Record<string, Attachment>>;
  readonly programs?: Readonly<Record<string, Attachable>>;
  /** As descriptors; `raw` gives the kernel's map of each (`instance.rawMap`). */
  readonly maps?: Readonly<Record<string, MapDescriptor>>;
  readonly raw?: (descriptor: MapDescriptor) => KernelMap;
  readonly options: Json;
}

/**
 * Pins all of it, or nothing.
 * @throws HopmarkError `exists` when this feature has pins on this device; UnsupportedError `bpffs`
 */
export const createPins = (place: PinPlace, contents: PinContents): void => {
  const directory = pinDirectory(place);
  withPinLock(() => {
    if (existsSync(`${directory}/${META}`)) {
      throw new HopmarkError("exists", `${place.feature} is set up on ${place.device} already`, {
        hint: "remove it first, or change it",
      });
    }
    if (existsSync(directory)) removeDirectory(directory); // its maker died half-way
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    try {
      fill(directory, place, contents);
    } catch (error) {
      for (const attachment of Object.values(contents.attachments)) attachment.unpin();
      removeDirectory(directory);
      throw error;
    }
  });
};

const fill = (directory: string, place: PinPlace, contents: PinContents): void => {
  const { attachments, programs = {}, maps = {}, raw, options } = contents;
  for (const [name, program] of Object.entries(programs)) pinObject(program.fd, `${directory}/prog-${name}`);
  for (const [name, map] of Object.entries(maps)) {
    if (raw === undefined) throw new Error("maps are pinned by what gives their kernel map");
    pinObject(raw(map).fd, `${directory}/map-${name}`);
  }
  for (const [name, attachment] of Object.entries(attachments)) attachment.pin(`${directory}/link-${name}`);
  const noted = Object.entries(attachments).map(([name, { hook, mechanism }]) => [name, { hook, mechanism }] as const);
  // Last: a directory without it was left by somebody who died half-way.
  writeMeta(`${directory}/${META}`, {
    version: 1,
    layoutHash: layoutHash(maps),
    netnsInode: place.netnsInode,
    device: place.device,
    ifindex: place.ifindex,
    attachments: Object.fromEntries(noted),
    options,
  });
};

/** What is pinned, here and in other namespaces, dead or alive; of one feature when it is named. Changes nothing. */
export const listPins = (feature?: string): PinMetaAt[] => {
  if (!bpffsMounted() || !hasPins()) return [];
  return directories()
    .filter((place) => feature === undefined || place.feature === feature)
    .flatMap((place) => {
      const meta = tryReadMeta(place);
      return meta === undefined ? [] : [{ place, meta }];
    });
};

/** Pins that were found: where they are and the note beside them. */
export interface PinMetaAt {
  readonly place: PinPlace;
  readonly meta: PinMeta;
}

/** Opens the pins of a place. Throws `no-pins` when there are none. */
export const openPins = (place: PinPlace, netns?: Netns): PinnedSet => {
  if (!bpffsMounted() || !existsSync(`${pinDirectory(place)}/${META}`)) {
    throw new HopmarkError("no-pins", `${place.feature} is not set up on ${place.device}`);
  }
  return new PinnedSet(place, netns);
};

/**
 * Removes what no packet can meet any more: pins whose device or namespace is gone, and directories whose maker died
 * half-way; of one network namespace when its inode is given. Returns their places.
 */
export const removeLeftovers = (netnsInode?: number): PinPlace[] => {
  if (!bpffsMounted() || !hasPins()) return [];
  return withPinLock(() =>
    directories()
      .filter((place) => netnsInode === undefined || place.netnsInode === netnsInode)
      .filter((place) => removeIfDead(place)),
  );
};

const removeIfDead = (place: PinPlace): boolean => {
  if (!existsSync(`${pinDirectory(place)}/${META}`)) {
    removeDirectory(pinDirectory(place));
    return true;
  }
  if (tryReadMeta(place) === undefined) return false; // of another version: not ours to judge
  const netns = findNetns(place.netnsInode);
  try {
    const set = new PinnedSet(place, netns);
    if (set.isAlive()) return false;
    set.removeLocked();
    return true;
  } finally {
    netns?.close();
  }
};

const tryReadMeta = (place: PinPlace): PinMeta | undefined => {
  try {
    return readMeta(`${pinDirectory(place)}/${META}`);
  } catch (error) {
    if (error instanceof HopmarkError && error.code === "pin-meta") return undefined;
    if (error instanceof SyscallError && error.errno === "ENOENT") return undefined;
    throw error;
  }
};

const directories = (): PinPlace[] =>
  children(PIN_ROOT)
    .flatMap(children)
    .flatMap(children)
    .flatMap((directory) => placeOf(directory) ?? []);

// Unlike existsSync, which takes "may not look" for "is not there".
const hasPins = (): boolean => withPinAccess(() => statSync(PIN_ROOT, { throwIfNoEntry: false })) !== undefined;

const children = (directory: string): string[] => {
  try {
    return withPinAccess(() => readdirSync(directory)).map((name) => `${directory}/${name}`);
  } catch (error) {
    if (error instanceof PermissionError) throw error;
    return []; // removed meanwhile
  }
};
