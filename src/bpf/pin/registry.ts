/** What Hopmark keeps in bpffs beyond the command that made it. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { HopmarkError, PermissionError, SyscallError } from "../../errors.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Netns } from "../../linux/netns.ts";
import type { Attachable, Attachment } from "../attach/attachment.ts";
import { removeUnfinished } from "../attach/open.ts";
import type { KernelMap } from "../maps/kernel-map.ts";
import { bpffsMounted } from "./bpffs.ts";
import { findNetns } from "./find-netns.ts";
import { layoutHash } from "./layout-hash.ts";
import { withPinLock } from "./lock.ts";
import { type Json, META, META_NEXT, type PinMeta, readMeta, writeMeta } from "./meta.ts";
import { pinObject } from "./object.ts";
import { LINK, PinnedSet, removeDirectory, removeEmpty } from "./pinned-set.ts";
import { PIN_ROOT, type PinPlace, pinDirectory, placeOf, withPinAccess } from "./place.ts";

/** What to pin, by names of letters, digits, `_` and `-`. */
export interface PinContents {
  /** As they are, or made with the pin they get: only so do pins tell of a clsact's filter at every moment. */
  readonly attachments: Readonly<Record<string, Attachment | ((pin: string) => Attachment)>>;
  readonly programs?: Readonly<Record<string, Attachable>>;
  /** As descriptors; `raw` gives the kernel's map of each (`instance.rawMap`). */
  readonly maps?: Readonly<Record<string, MapDescriptor>>;
  readonly raw?: (descriptor: MapDescriptor) => KernelMap;
  readonly options: Json;
}

/**
 * Pins all of it, or nothing. Attachments that are made here are closed; those that were there stay the caller's.
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
    if (existsSync(directory)) removeUnnoted(place);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const made: Attachment[] = [];
    try {
      fill(directory, place, contents, made);
    } catch (error) {
      for (const attachment of made) attachment.detach();
      for (const given of Object.values(contents.attachments)) if (typeof given !== "function") given.unpin();
      removeDirectory(directory);
      throw error;
    } finally {
      for (const attachment of made) attachment.close();
    }
  });
};

const fill = (directory: string, place: PinPlace, contents: PinContents, made: Attachment[]): void => {
  const { attachments, programs = {}, maps = {}, raw, options } = contents;
  for (const [name, program] of Object.entries(programs)) pinObject(program.fd, `${directory}/prog-${name}`);
  for (const [name, map] of Object.entries(maps)) {
    if (raw === undefined) throw new Error("maps are pinned by what gives their kernel map");
    pinObject(raw(map).fd, `${directory}/map-${name}`);
  }
  const noted = Object.entries(attachments).map(([name, given]) => {
    const pin = `${directory}/${LINK}${name}`;
    if (typeof given === "function") made.push(given(pin));
    else given.pin(pin);
    const { hook, mechanism } = typeof given === "function" ? made.at(-1)! : given;
    return [name, { hook, mechanism }] as const;
  });
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
  return withPinLock(() => {
    const dead = directories()
      .filter((place) => netnsInode === undefined || place.netnsInode === netnsInode)
      .filter((place) => removeIfDead(place));
    // Who makes a directory within another may die between the two.
    for (const directory of [...children(PIN_ROOT).flatMap(children), ...children(PIN_ROOT)])
      if (children(directory).length === 0 && existsSync(directory)) removeEmpty(directory);
    return dead;
  });
};

const removeIfDead = (place: PinPlace): boolean => {
  if (!existsSync(`${pinDirectory(place)}/${META}`)) {
    removeUnnoted(place);
    return true;
  }
  if (tryReadMeta(place) === undefined) return false; // of another version: not ours to judge
  const netns = findNetns(place.netnsInode);
  try {
    const set = new PinnedSet(place, netns);
    if (!isOurs(set)) return false;
    if (set.isAlive()) {
      // Notes are changed under the lock: this one's writer died before it took the place of the other.
      rmSync(`${pinDirectory(place)}/${META_NEXT}`, { force: true });
      return false;
    }
    set.removeLocked();
    return true;
  } finally {
    netns?.close();
  }
};

/** Whether this version makes what is pinned there: a later one may attach otherwise, and knows itself when its pins are dead. */
const isOurs = (set: PinnedSet): boolean => {
  try {
    for (const name of Object.keys(set.attachments)) set.attachment(name)?.close();
    return true;
  } catch (error) {
    if (error instanceof HopmarkError && error.code === "link-type") return false;
    throw error;
  }
};

/** Pins whose maker died before it had told what they are. Links end with their pins; filters of a clsact do not. */
const removeUnnoted = (place: PinPlace): void => {
  const directory = pinDirectory(place);
  const netns = findNetns(place.netnsInode);
  try {
    for (const name of netns === undefined ? [] : readdirSync(directory))
      if (name.startsWith(LINK)) removeUnfinished({ ifindex: place.ifindex, netns }, `${directory}/${name}`);
  } finally {
    netns?.close();
  }
  removeDirectory(directory);
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
