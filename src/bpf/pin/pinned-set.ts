import { readdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { HopmarkError } from "../../errors.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Netns } from "../../linux/netns.ts";
import type { Attachment, Device } from "../attach/attachment.ts";
import { mainPin } from "../attach/clsact.ts";
import { openAttachment, removeUnfinished } from "../attach/open.ts";
import { type HandleOf, openHandle } from "../maps/handles.ts";
import { KernelMap } from "../maps/kernel-map.ts";
import { checkSame } from "../maps/share.ts";
import { RingReader } from "../ring.ts";
import { layoutHash } from "./layout-hash.ts";
import { withPinLock } from "./lock.ts";
import { type Json, META, META_NEXT, type PinMeta, type PinnedAttachment, readMeta, writeMeta } from "./meta.ts";
import { openPinned, pinObject } from "./object.ts";
import { PIN_ROOT, type PinPlace, pinDirectory } from "./place.ts";

/** Begin the names of pins. */
export const LINK = "link-";
const MAP = "map-";

/** What a change of pins leaves. */
export interface SettledPins {
  /** All maps, by name. */
  readonly maps: Readonly<Record<string, MapDescriptor>>;
  /** All attachments, by name. */
  readonly attachments: Readonly<Record<string, PinnedAttachment>>;
  readonly options: Json;
}

/** The pins of one feature on one device. Maps opened through it are closed with it; the pins stay until `remove`. */
export class PinnedSet {
  readonly place: PinPlace;
  readonly directory: string;
  readonly #netns: Netns | undefined;
  readonly #opened: { close(): void }[] = [];
  /** Handles by name, as long as the pin is the one that they were opened from. */
  readonly #handles = new Map<string, { inode: number; descriptor: MapDescriptor; handle: unknown }>();
  #meta: PinMeta;

  /** `netns`: the namespace the device is in; undefined when it is gone. It stays the caller's. */
  constructor(place: PinPlace, netns: Netns | undefined) {
    this.place = place;
    this.directory = pinDirectory(place);
    this.#netns = netns;
    this.#meta = readMeta(`${this.directory}/${META}`);
  }

  get meta(): PinMeta {
    return this.#meta;
  }

  /** What the feature was configured with. */
  get options(): Json {
    return this.#meta.options;
  }

  /** The attachments that were pinned, by name. */
  get attachments(): PinMeta["attachments"] {
    return this.#meta.attachments;
  }

  /** Takes note of what other processes changed meanwhile. */
  refresh(): void {
    this.#meta = readMeta(`${this.directory}/${META}`);
  }

  /** Opens the attachment that was pinned under this name; undefined when it is gone. The caller closes it. */
  attachment(name: string): Attachment | undefined {
    const noted = this.#meta.attachments[name];
    if (noted === undefined) return undefined;
    // Without its namespace a filter is gone, and a link says so itself.
    if (noted.mechanism === "clsact" && this.#netns === undefined) return undefined;
    return openAttachment(`${this.directory}/${LINK}${name}`, this.#device(), noted.hook);
  }

  /** Whether packets still meet all of it: who removes a set, and died on the way, has taken a part of it away. */
  isAlive(): boolean {
    return Object.keys(this.#meta.attachments).every((name) => {
      const attachment = this.attachment(name);
      const alive = attachment !== undefined && (attachment.ifindex !== 0 || attachment.mechanism === "tracepoint");
      attachment?.close();
      return alive;
    });
  }

  /**
   * Refuses pins whose maps another version of Hopmark laid out: `maps` are all that were pinned, by name.
   * @throws HopmarkError `layout-mismatch`
   */
  checkLayouts(maps: Readonly<Record<string, MapDescriptor>>): void {
    if (layoutHash(maps) === this.#meta.layoutHash) return;
    throw this.#ofAnotherVersion("its maps are laid out otherwise");
  }

  /**
   * The typed handle of a pinned map: the same one each time, but for rings.
   * @throws HopmarkError `map-mismatch` when it is declared otherwise, `layout-mismatch` when there is none
   */
  map<D extends MapDescriptor>(name: string, descriptor: D): HandleOf<D> {
    const path = `${this.directory}/${MAP}${name}`;
    const inode = statSync(path, { throwIfNoEntry: false })?.ino;
    if (inode === undefined) throw this.#ofAnotherVersion(`it has no map ${name}`);
    const known = this.#handles.get(name);
    if (known?.inode === inode && known.descriptor === descriptor) return known.handle as HandleOf<D>;
    const map = new KernelMap(openPinned(path), descriptor);
    this.#opened.push(map);
    checkSame(map, descriptor);
    const handle = openHandle(map, descriptor);
    if (handle instanceof RingReader) this.#opened.unshift(handle);
    else this.#handles.set(name, { inode, descriptor, handle });
    return handle;
  }

  /**
   * Pins maps beside what is there, and makes attachments with the pins that they get: they count from `settle` on. What a
   * change that died left there goes.
   */
  stage<Name extends string>(
    maps: Readonly<Record<string, KernelMap>>,
    attachments: readonly (readonly [name: Name, attach: (pin: string) => Attachment])[],
  ): Map<Name, Attachment> {
    const made = new Map<Name, Attachment>();
    withPinLock(() => {
      this.#removeAllBut(this.#meta.attachments);
      for (const [name, map] of Object.entries(maps)) {
        rmSync(`${this.directory}/${MAP}${name}`, { force: true });
        pinObject(map.fd, `${this.directory}/${MAP}${name}`);
      }
      try {
        for (const [name, attach] of attachments) made.set(name, attach(`${this.directory}/${LINK}${name}`));
      } catch (error) {
        for (const attachment of made.values()) attachment.detach();
        throw error;
      }
    });
    return made;
  }

  /** Notes that these are the pins from now on, in one step, and takes the others away. */
  settle({ maps, attachments, options }: SettledPins): void {
    this.#note({ ...this.#meta, layoutHash: layoutHash(maps), attachments, options });
    withPinLock(() => this.#removeAllBut(attachments, maps));
  }

  /** Ends attachments that are not among these, and takes the pins of maps that are not. */
  #removeAllBut(attachments: PinMeta["attachments"], maps?: Readonly<Record<string, unknown>>): void {
    for (const name of readdirSync(this.directory)) {
      const path = `${this.directory}/${name}`;
      if (name.startsWith(MAP) && maps !== undefined && !Object.hasOwn(maps, name.slice(MAP.length))) rmSync(path);
      if (!name.startsWith(LINK) || Object.hasOwn(attachments, mainPin(name).slice(LINK.length))) continue;
      if (this.#netns !== undefined) removeUnfinished(this.#device(), path);
      rmSync(path, { force: true });
    }
  }

  /** Notes other options, in one step. */
  setOptions(options: Json): void {
    this.#note({ ...this.#meta, options });
  }

  #note(meta: PinMeta): void {
    withPinLock(() => {
      const next = `${this.directory}/${META_NEXT}`;
      rmSync(next, { force: true });
      writeMeta(next, meta);
      renameSync(next, `${this.directory}/${META}`);
    });
    this.#meta = meta;
  }

  /** Detaches everything and takes the pins away. */
  remove(): void {
    withPinLock(() => this.removeLocked());
  }

  /** For those who hold the lock. */
  removeLocked(): void {
    for (const name of Object.keys(this.#meta.attachments)) this.attachment(name)?.detach();
    this.#removeAllBut({});
    removeDirectory(this.directory);
    this.close();
  }

  /** Closes what was opened; what is pinned stays. Twice is fine. */
  close(): void {
    for (const opened of this.#opened) opened.close();
    this.#opened.length = 0;
    this.#handles.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #ofAnotherVersion(why: string): HopmarkError {
    const { feature, device } = this.place;
    const message = `${feature} on ${device} was set up by another version of hopmark: ${why}`;
    const command = feature.startsWith("pval-") ? "link" : feature.replaceAll("-", " ");
    return new HopmarkError("layout-mismatch", message, {
      hint: `take it away and set it up again: hopmark ${command} delete dev ${device}`,
    });
  }

  #device(): Device {
    return { ifindex: this.place.ifindex, netns: this.#netns, name: this.place.device };
  }
}

/** Takes a directory of pins away, and those above it that are empty then. A link without a pin ends. */
export const removeDirectory = (directory: string): void => {
  for (const name of readdirSync(directory)) rmSync(`${directory}/${name}`);
  removeEmpty(directory);
};

/** Takes an empty directory away, and those above it that are empty then, up to the root of all pins. */
export const removeEmpty = (directory: string): void => {
  for (let path = directory; path !== PIN_ROOT && path.startsWith(PIN_ROOT); path = dirname(path)) {
    if (readdirSync(path).length > 0) return;
    rmdirSync(path);
  }
};
