import { readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { HopmarkError } from "../../errors.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Netns } from "../../linux/netns.ts";
import type { Attachment, Device } from "../attach/attachment.ts";
import { openAttachment } from "../attach/open.ts";
import { type HandleOf, openHandle } from "../maps/handles.ts";
import { KernelMap } from "../maps/kernel-map.ts";
import { checkSame } from "../maps/share.ts";
import { RingReader } from "../ring.ts";
import { layoutHash } from "./layout-hash.ts";
import { withPinLock } from "./lock.ts";
import { type Json, META, META_NEXT, type PinMeta, readMeta, writeMeta } from "./meta.ts";
import { openPinned } from "./object.ts";
import { PIN_ROOT, type PinPlace, pinDirectory } from "./place.ts";

/** The pins of one feature on one device. Maps opened through it are closed with it; the pins stay until `remove`. */
export class PinnedSet {
  readonly place: PinPlace;
  readonly directory: string;
  readonly #netns: Netns | undefined;
  readonly #opened: { close(): void }[] = [];
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

  /** Opens the attachment that was pinned under this name; undefined when it is gone. The caller closes it. */
  attachment(name: string): Attachment | undefined {
    const noted = this.#meta.attachments[name];
    if (noted === undefined) return undefined;
    // Without its namespace a filter is gone, and a link says so itself.
    if (noted.mechanism === "clsact" && this.#netns === undefined) return undefined;
    return openAttachment(`${this.directory}/link-${name}`, this.#device(), noted.hook);
  }

  /** Whether packets still meet all of it: who removes a set, and died on the way, has taken a part of it away. */
  isAlive(): boolean {
    return Object.keys(this.#meta.attachments).every((name) => {
      const attachment = this.attachment(name);
      const alive = attachment !== undefined && attachment.ifindex !== 0;
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
    throw new HopmarkError("layout-mismatch", `${this.directory} was pinned by another version of hopmark`, {
      hint: "remove it and set it up again, with this version",
    });
  }

  /** The typed handle of a pinned map. Throws `map-mismatch` when it is declared otherwise. */
  map<D extends MapDescriptor>(name: string, descriptor: D): HandleOf<D> {
    const map = new KernelMap(openPinned(`${this.directory}/map-${name}`), descriptor);
    this.#opened.push(map);
    checkSame(map, descriptor);
    const handle = openHandle(map, descriptor);
    if (handle instanceof RingReader) this.#opened.unshift(handle);
    return handle;
  }

  /** Notes other options, in one step. */
  setOptions(options: Json): void {
    const meta = { ...this.#meta, options };
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
    removeDirectory(this.directory);
    this.close();
  }

  close(): void {
    for (const opened of this.#opened) opened.close();
    this.#opened.length = 0;
  }

  [Symbol.dispose](): void {
    this.close();
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
