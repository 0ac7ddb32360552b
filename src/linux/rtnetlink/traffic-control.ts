/**
 * The clsact qdisc and BPF filters on it, for kernels without TCX (before 6.6).
 * Source: include/uapi/linux/rtnetlink.h, pkt_sched.h, pkt_cls.h; tc-bpf(8).
 */
import { Attributes, viewOf } from "../netlink/attributes.ts";
import { MessageBuilder } from "../netlink/message.ts";
import { Create } from "../netlink/socket.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";

export interface Qdisc {
  /** Interface index. */
  readonly device: number;
  readonly kind: string;
  readonly handle: number;
  readonly parent: number;
  /** Bytes and packets that wait in it now. */
  readonly backlogBytes: number;
  readonly backlogPackets: number;
}

/** The qdiscs of one interface, or of all in the socket's namespace. */
export function qdiscs(route: NetlinkSocket, device = 0): Qdisc[] {
  const call = { type: RTM_GETQDISC, name: "RTM_GETQDISC" };
  return route
    .dump(call, header({ device: 0 }))
    .map(parseQdisc)
    .filter((qdisc) => device === 0 || qdisc.device === device);
}

/** Put a clsact on an interface; it sees every packet and queues none. `NetlinkError` EEXIST when clsact or ingress is there. */
export function addClsact(route: NetlinkSocket, device: number): void {
  const flags = Create.create | Create.exclusive;
  route.request({ type: RTM_NEWQDISC, name: "RTM_NEWQDISC", flags, object: `clsact on ${device}` }, clsact(device));
}

/** Take the clsact away with all its filters, whoever made them: look at `filters` first. */
export function deleteClsact(route: NetlinkSocket, device: number): void {
  route.request({ type: RTM_DELQDISC, name: "RTM_DELQDISC", object: `clsact on ${device}` }, clsact(device));
}

export type Direction = "ingress" | "egress";

/** Where a filter sits. Lower priorities run first; (priority, handle) names one filter. */
export interface FilterPlace {
  readonly device: number;
  readonly direction: Direction;
  /** 1 to 65535. */
  readonly priority: number;
  readonly handle: number;
}

export interface BpfFilter extends FilterPlace {
  /** `bpf` filters only: as given at attach. */
  readonly name: string | undefined;
  readonly programId: number | undefined;
  /** Hash of the program's instructions, 16 hex digits. */
  readonly programTag: string | undefined;
  readonly kind: string;
}

/**
 * Attach a loaded classifier program in direct-action mode, for all protocols. The kernel keeps the program: the
 * descriptor may be closed. `NetlinkError` EEXIST when the place is taken, unless `replace` is set.
 */
export function attachFilter(
  route: NetlinkSocket,
  place: FilterPlace,
  program: { readonly fd: number; readonly name: string },
  options: { readonly replace?: boolean } = {},
): void {
  const message = filterMessage(place)
    .attrString(TCA_KIND, "bpf")
    .nest(TCA_OPTIONS, (nested) =>
      nested
        .attrU32(TCA_BPF_FD, program.fd)
        .attrString(TCA_BPF_NAME, program.name)
        .attrU32(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT),
    );
  const flags = Create.create | (options.replace === true ? Create.replace : Create.exclusive);
  route.request({ type: RTM_NEWTFILTER, name: "RTM_NEWTFILTER", flags, object: program.name }, message);
}

/** `NetlinkError` ENOENT when there is none at that place, EINVAL when there is no clsact. */
export function deleteFilter(route: NetlinkSocket, place: FilterPlace): void {
  const object = `${place.direction} filter ${place.priority}:${place.handle}`;
  const message = filterMessage(place).attrString(TCA_KIND, "bpf");
  route.request({ type: RTM_DELTFILTER, name: "RTM_DELTFILTER", object }, message);
}

/** The filters of one direction, of every kind, by priority. None when the interface has no clsact. */
export function filters(route: NetlinkSocket, device: number, direction: Direction): BpfFilter[] {
  if (!qdiscs(route, device).some((qdisc) => qdisc.kind === "clsact")) return [];
  const call = { type: RTM_GETTFILTER, name: "RTM_GETTFILTER" };
  return route
    .dump(call, header({ device, parent: parents[direction] }))
    .map((body) => parseFilter(body, direction))
    .filter((filter) => filter.handle !== 0); // an entry without a handle stands for the priority itself
}

function clsact(device: number): MessageBuilder {
  return header({ device, handle: TC_H_CLSACT & 0xffff0000, parent: TC_H_CLSACT }).attrString(TCA_KIND, "clsact");
}

function filterMessage({ device, direction, priority, handle }: FilterPlace): MessageBuilder {
  return header({ device, handle, parent: parents[direction], info: (priority << 16) | ETH_P_ALL_BIG_ENDIAN });
}

/** `struct tcmsg`: family u8, pad 3, interface i32, handle u32, parent u32, info u32 (for filters priority and protocol). */
function header(of: { device: number; handle?: number; parent?: number; info?: number }): MessageBuilder {
  return new MessageBuilder()
    .u32(0)
    .u32(of.device)
    .u32(of.handle ?? 0)
    .u32(of.parent ?? 0)
    .u32(of.info ?? 0);
}

function parseQdisc(body: Uint8Array): Qdisc {
  const view = viewOf(body);
  const attributes = new Attributes(body.subarray(20));
  const queue = attributes.nested(TCA_STATS2).bytes(TCA_STATS_QUEUE); // struct gnet_stats_queue: qlen u32, backlog u32, ...
  return {
    device: view.getInt32(4, true),
    handle: view.getUint32(8, true),
    parent: view.getUint32(12, true),
    kind: attributes.string(TCA_KIND) ?? "",
    backlogPackets: queue === undefined ? 0 : viewOf(queue).getUint32(0, true),
    backlogBytes: queue === undefined ? 0 : viewOf(queue).getUint32(4, true),
  };
}

function parseFilter(body: Uint8Array, direction: Direction): BpfFilter {
  const view = viewOf(body);
  const attributes = new Attributes(body.subarray(20));
  const options = attributes.nested(TCA_OPTIONS);
  const tag = options.bytes(TCA_BPF_TAG);
  return {
    device: view.getInt32(4, true),
    direction,
    handle: view.getUint32(8, true),
    priority: view.getUint32(16, true) >>> 16,
    kind: attributes.string(TCA_KIND) ?? "",
    name: options.string(TCA_BPF_NAME),
    programId: options.number(TCA_BPF_ID),
    programTag: tag === undefined ? undefined : Buffer.from(tag).toString("hex"),
  };
}

const RTM_NEWQDISC = 36;
const RTM_DELQDISC = 37;
const RTM_GETQDISC = 38;
const RTM_NEWTFILTER = 44;
const RTM_DELTFILTER = 45;
const RTM_GETTFILTER = 46;
const TC_H_CLSACT = 0xfffffff1;
const parents: Record<Direction, number> = { ingress: 0xfffffff2, egress: 0xfffffff3 };
const ETH_P_ALL_BIG_ENDIAN = 0x0300;
const TCA_KIND = 1;
const TCA_OPTIONS = 2;
const TCA_STATS2 = 7;
const TCA_STATS_QUEUE = 3;
const TCA_BPF_FD = 6;
const TCA_BPF_NAME = 7;
const TCA_BPF_FLAGS = 8;
const TCA_BPF_TAG = 10;
const TCA_BPF_ID = 11;
const TCA_BPF_FLAG_ACT_DIRECT = 1;
