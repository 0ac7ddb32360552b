/** tc programs as filters of the clsact qdisc, for kernels without TCX. A filter is no link: it lives until deleted. */
import { renameSync, rmSync } from "node:fs";
import { HopmarkError, SyscallError } from "../../errors.ts";
import type { NetlinkSocket } from "../../linux/netlink/socket.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import {
  addClsact,
  attachFilter,
  type BpfFilter,
  deleteClsact,
  deleteFilter,
  type FilterPlace,
  filters,
  qdiscs,
} from "../../linux/rtnetlink/traffic-control.ts";
import { pinObject } from "../pin/object.ts";
import { Descriptor, duplicate } from "../sys/descriptor.ts";
import { programInfo } from "../sys/info.ts";
import { type Attachable, type Attachment, describe, type Device } from "./attachment.ts";
import type { Direction, TcOrder } from "./order.ts";

/** Where the first filter goes, with room before and after it. */
const MIDDLE_PRIORITY = 0x4000;
const LAST_PRIORITY = 0xffff;
const HANDLE = 1;

/**
 * Ends the name of each filter on a clsact that Hopmark made. The qdisc itself carries no note, and whoever removes the last
 * filter may be another process than the one that added the first.
 */
const ON_OWN_QDISC = ":[clsact]";

interface FilterState {
  readonly place: FilterPlace;
  /** Taken over, like the program. */
  readonly route: NetlinkSocket;
  readonly program: Descriptor;
  /** Hopmark made the qdisc: it goes with its last filter. */
  readonly ownsQdisc: boolean;
  /** Where the program is pinned. */
  readonly pin: string | undefined;
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
  #open = true;

  constructor(state: FilterState) {
    this.place = state.place;
    this.hook = state.place.direction;
    this.#route = state.route;
    this.#program = state.program;
    this.#ownsQdisc = state.ownsQdisc;
    this.#pin = state.pin;
  }

  get ifindex(): number {
    return this.#find() === undefined ? 0 : this.place.device;
  }

  get programId(): number {
    return this.#find()?.programId ?? 0;
  }

  replace(program: Attachable): void {
    this.#mustBeOpen();
    attachFilter(this.#route, this.place, named(program, this.#ownsQdisc), { replace: true });
    this.#program.close();
    this.#program = new Descriptor(duplicate(program.fd));
    if (this.#pin === undefined) return;
    pinObject(program.fd, `${this.#pin}-new`);
    renameSync(`${this.#pin}-new`, this.#pin);
  }

  detach(): void {
    if (!this.#open) return;
    try {
      deleteFilter(this.#route, this.place);
      if (this.#ownsQdisc) deleteClsactIfEmpty(this.#route, this.place.device);
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
    if (this.#pin !== undefined) rmSync(this.#pin, { force: true });
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
    const { device, direction, priority, handle } = this.place;
    const all = this.#open ? filters(this.#route, device, direction) : [];
    return all.find((filter) => filter.priority === priority && filter.handle === handle);
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
 * Attaches a tc program as a filter of the clsact qdisc, which is made where there is none.
 * @throws HopmarkError `no-device`, `busy`; PermissionError
 */
export const attachClsact = (
  program: Attachable,
  device: Device,
  direction: Direction,
  order: TcOrder = "last",
): ClsactFilter => {
  const route = openRtnetlink(device.netns);
  let ownsQdisc = false;
  try {
    ownsQdisc = ensureClsact(route, device) || allFilters(route, device.ifindex).some(isOnOwnQdisc);
    const priority = priorityFor(filters(route, device.ifindex, direction), device, order);
    const place = { device: device.ifindex, direction, priority, handle: HANDLE };
    attachFilter(route, place, named(program, ownsQdisc));
    return new ClsactFilter({
      place,
      route,
      program: new Descriptor(duplicate(program.fd)),
      ownsQdisc,
      pin: undefined,
    });
  } catch (error) {
    if (ownsQdisc) deleteClsactIfEmpty(route, device.ifindex);
    route.close();
    throw error;
  }
};

/** The filter whose program is pinned at `pin`; undefined when it is gone. Takes the program's descriptor over. */
export const findClsact = (
  program: Descriptor,
  device: Device,
  direction: Direction,
  pin: string,
): ClsactFilter | undefined => {
  const { name, tag } = programInfo(program.fd);
  const route = openRtnetlink(device.netns);
  let found: BpfFilter | undefined;
  try {
    found = filters(route, device.ifindex, direction).find(
      (own) => (own.name === name || own.name === name + ON_OWN_QDISC) && own.programTag === tag,
    );
  } finally {
    if (found === undefined) route.close();
  }
  if (found !== undefined)
    return new ClsactFilter({ place: found, route, program, ownsQdisc: isOnOwnQdisc(found), pin });
  program.close();
  return undefined;
};

/** Filters carry the name the kernel knows the program by. */
const named = (program: Attachable, ownsQdisc: boolean): Attachable => ({
  fd: program.fd,
  name: programInfo(program.fd).name + (ownsQdisc ? ON_OWN_QDISC : ""),
});

const isOnOwnQdisc = (filter: BpfFilter): boolean => filter.name?.endsWith(ON_OWN_QDISC) === true;

const allFilters = (route: NetlinkSocket, device: number): BpfFilter[] => [
  ...filters(route, device, "ingress"),
  ...filters(route, device, "egress"),
];

/** Whether it was us who made it. */
const ensureClsact = (route: NetlinkSocket, device: Device): boolean => {
  try {
    addClsact(route, device.ifindex);
    return true;
  } catch (error) {
    if (error instanceof SyscallError && error.errno === "ENODEV") {
      throw new HopmarkError("no-device", `there is no ${describe(device)}`, { cause: error });
    }
    if (!(error instanceof SyscallError && error.errno === "EEXIST")) throw error;
    if (qdiscs(route, device.ifindex).some((qdisc) => qdisc.kind === "clsact")) return false;
    throw new HopmarkError("busy", `${describe(device)} has an ingress qdisc, which stands in the way of clsact`, {
      hint: "delete it, or make it clsact, which does all that ingress does",
      cause: error,
    });
  }
};

const deleteClsactIfEmpty = (route: NetlinkSocket, device: number): void => {
  if (allFilters(route, device).length === 0) deleteClsact(route, device);
};

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
