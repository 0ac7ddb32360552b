/** tc programs as filters of the clsact qdisc, for kernels without TCX. A filter is no link: it lives until deleted. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { HopmarkError, SyscallError } from "../../errors.ts";
import type { NetlinkSocket } from "../../linux/netlink/socket.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import {
  attachFilter,
  type BpfFilter,
  deleteClsact,
  deleteFilter,
  type FilterPlace,
  filters,
} from "../../linux/rtnetlink/traffic-control.ts";
import { pinObject, tryOpenPinned } from "../pin/object.ts";
import { Descriptor, duplicate } from "../sys/descriptor.ts";
import { programInfo } from "../sys/info.ts";
import { type Attachable, type Attachment, describe, type Device } from "./attachment.ts";
import { allFilters, deleteClsactIfEmpty, ensureClsact, hasClsact } from "./clsact-qdisc.ts";
import type { Direction, TcOrder } from "./order.ts";

/** Where the first filter goes, with room before and after it. */
const MIDDLE_PRIORITY = 0x4000;
const LAST_PRIORITY = 0xffff;
const HANDLE = 1;

/**
 * Ends the name of each filter on a clsact that Hopmark made. The qdisc itself carries no note, and whoever removes the last
 * filter may be another process than the one that added the first.
 */
export const ON_OWN_QDISC = ":[clsact]";

interface FilterState {
  readonly place: FilterPlace;
  /** Taken over, like the program. */
  readonly route: NetlinkSocket;
  readonly program: Descriptor;
  /** Hopmark made the qdisc: it goes with its last filter. */
  readonly ownsQdisc: boolean;
  /** Where the program is pinned. */
  readonly pin: string | undefined;
  /** It is at `nextPin(pin)` as yet: who put it in the place of another died before the end. */
  readonly pinnedAsNext?: boolean;
}

/** A program as a filter of the clsact qdisc: how tc programs are attached where the kernel has no TCX. */
export class ClsactFilter implements Attachment {
  readonly hook: Direction;
  readonly mechanism = "clsact";
  readonly place: FilterPlace;
  readonly #route: NetlinkSocket;
  readonly #ownsQdisc: boolean;
  #program: Descriptor;
  #pin: string | undefined;
  #pinnedAsNext: boolean;
  #open = true;

  constructor(state: FilterState) {
    this.place = state.place;
    this.hook = state.place.direction;
    this.#route = state.route;
    this.#program = state.program;
    this.#ownsQdisc = state.ownsQdisc;
    this.#pin = state.pin;
    this.#pinnedAsNext = state.pinnedAsNext === true;
  }

  get ifindex(): number {
    return this.#find() === undefined ? 0 : this.place.device;
  }

  get isGone(): boolean {
    return this.ifindex === 0;
  }

  get programId(): number {
    return this.#find()?.programId ?? 0;
  }

  /** The program is pinned before it runs: at every moment one of the two pins is that of the one that runs. */
  replace(program: Attachable): void {
    this.#mustBeOpen();
    const pin = this.#pin;
    if (pin !== undefined) {
      if (this.#pinnedAsNext) renameSync(nextPin(pin), pin);
      else rmSync(nextPin(pin), { force: true });
      this.#pinnedAsNext = false;
      pinObject(program.fd, nextPin(pin));
    }
    attachFilter(this.#route, this.place, named(program, this.#ownsQdisc), { replace: true });
    this.#program.close();
    this.#program = new Descriptor(duplicate(program.fd));
    if (pin !== undefined) renameSync(nextPin(pin), pin);
  }

  detach(): void {
    if (!this.#open) return;
    try {
      // With the qdisc where that is to go: in two steps, whoever died in between would leave it.
      if (this.#ownsQdisc && this.#isAlone()) deleteClsact(this.#route, this.place.device);
      else deleteFilter(this.#route, this.place);
    } catch (error) {
      if (!isGone(error)) throw error;
    } finally {
      this.unpin();
      this.#release();
    }
  }

  /** A filter cannot be pinned: its program is, and the filter is found again by that program's name and tag. */
  pin(path: string): void {
    this.#mustBeOpen();
    pinObject(this.#program.fd, path);
    this.#pin = path;
  }

  unpin(): void {
    if (this.#pin !== undefined) for (const path of [this.#pin, nextPin(this.#pin)]) rmSync(path, { force: true });
    this.#pin = undefined;
  }

  close(): void {
    if (this.#pin === undefined) this.detach();
    else this.#release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #find(): BpfFilter | undefined {
    const { device, direction } = this.place;
    return this.#open ? filters(this.#route, device, direction).find((filter) => this.#isThis(filter)) : undefined;
  }

  #isThis({ direction, priority, handle }: BpfFilter): boolean {
    const { place } = this;
    return direction === place.direction && priority === place.priority && handle === place.handle;
  }

  #isAlone(): boolean {
    const all = allFilters(this.#route, this.place.device);
    return all.length === 1 && all.every((filter) => this.#isThis(filter));
  }

  #release(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#route.close();
    this.#program.close();
  }

  #mustBeOpen(): void {
    if (!this.#open) throw new HopmarkError("closed", `the ${this.hook} filter is detached or its handle closed`);
  }
}

/**
 * Attaches a tc program as a filter of the clsact qdisc, which is made where there is none. With `pin`, what a process leaves that
 * dies in here is found by its pins: see {@link removeUnfinishedQdisc}.
 * @throws HopmarkError `no-device`, `busy`; PermissionError
 */
export const attachClsact = (
  program: Attachable,
  device: Device,
  direction: Direction,
  order: TcOrder = "last",
  pin?: string,
): ClsactFilter => {
  const route = openRtnetlink(device.netns);
  let ownsQdisc = false;
  const noted: string[] = [];
  const note = (path: string): void => {
    pinObject(program.fd, path);
    noted.push(path);
  };
  try {
    if (pin !== undefined && !hasClsact(route, device)) note(qdiscNote(pin));
    ownsQdisc = ensureClsact(route, device) || allFilters(route, device.ifindex).some(isOnOwnQdisc);
    const priority = priorityFor(filters(route, device.ifindex, direction), device, order);
    const place = { device: device.ifindex, direction, priority, handle: HANDLE };
    if (pin !== undefined) note(pin);
    attachFilter(route, place, named(program, ownsQdisc));
    if (pin !== undefined) rmSync(qdiscNote(pin), { force: true });
    return new ClsactFilter({
      place,
      route,
      program: new Descriptor(duplicate(program.fd)),
      ownsQdisc,
      pin,
    });
  } catch (error) {
    if (ownsQdisc) deleteClsactIfEmpty(route, device);
    for (const path of noted) rmSync(path, { force: true });
    route.close();
    throw error;
  }
};

/** Removes the qdisc that was made for a filter with this pin, when its maker died before there was one. */
export const removeUnfinishedQdisc = (device: Device, pin: string): void => {
  if (!existsSync(qdiscNote(pin))) return;
  const route = openRtnetlink(device.netns);
  try {
    deleteClsactIfEmpty(route, device);
  } finally {
    route.close();
  }
};

/** The attachment's pin that another pin of it goes with. */
export const mainPin = (pin: string): string => pin.replace(/-(?:new|clsact)$/, "");

/** The filter whose program is pinned at `pin`; undefined when it is gone. Takes the program's descriptor over. */
export const findClsact = (
  program: Descriptor,
  device: Device,
  direction: Direction,
  pin: string,
): ClsactFilter | undefined => {
  const route = openRtnetlink(device.netns);
  const all = filters(route, device.ifindex, direction);
  const found = all.find((filter) => runs(filter, program));
  if (found !== undefined)
    return new ClsactFilter({ place: found, route, program, ownsQdisc: isOnOwnQdisc(found), pin });
  program.close();
  const fd = tryOpenPinned(nextPin(pin));
  const next = fd === undefined ? undefined : new Descriptor(fd);
  const replaced = next && all.find((filter) => runs(filter, next));
  if (next !== undefined && replaced !== undefined) {
    const ownsQdisc = isOnOwnQdisc(replaced);
    return new ClsactFilter({ place: replaced, route, program: next, ownsQdisc, pin, pinnedAsNext: true });
  }
  next?.close();
  route.close();
  return undefined;
};

const runs = (filter: BpfFilter, program: Descriptor): boolean => {
  const { name, tag } = programInfo(program.fd);
  return (filter.name === name || filter.name === name + ON_OWN_QDISC) && filter.programTag === tag;
};

/** Where the program is pinned that is about to be the filter's. */
const nextPin = (pin: string): string => `${pin}-new`;
/** A pin that says: there was no clsact, and one is made. */
const qdiscNote = (pin: string): string => `${pin}-clsact`;

/** Filters carry the name the kernel knows the program by. */
const named = (program: Attachable, ownsQdisc: boolean): Attachable => ({
  fd: program.fd,
  name: programInfo(program.fd).name + (ownsQdisc ? ON_OWN_QDISC : ""),
});

const isOnOwnQdisc = (filter: BpfFilter): boolean => filter.name?.endsWith(ON_OWN_QDISC) === true;

/** Filters run by ascending priority. */
const priorityFor = (existing: readonly BpfFilter[], device: Device, order: TcOrder): number => {
  const taken = existing.map((filter) => filter.priority);
  if (taken.length === 0) return MIDDLE_PRIORITY;
  const wanted = wantedPriority(taken, order);
  if (wanted >= 1 && wanted <= LAST_PRIORITY && !taken.includes(wanted)) return wanted;
  throw new HopmarkError(
    "busy",
    `there is no free priority for this order on ${describe(device)} (${taken.join(", ")})`,
    {
      hint: "tc filter show lists the filters: move or delete one",
    },
  );
};

const wantedPriority = (taken: readonly number[], order: TcOrder): number => {
  if (order === "first") return Math.min(...taken) - 1;
  if (order === "last") return Math.max(...taken) + 1;
  const [other, step] = "before" in order ? [order.before, -1] : [order.after, 1];
  if (other instanceof ClsactFilter) return other.place.priority + step;
  throw new HopmarkError("order", "a clsact filter can only be placed before or after another one");
};

const isGone = (error: unknown): boolean =>
  error instanceof SyscallError && ["ENOENT", "ENODEV", "EINVAL"].includes(error.errno);
