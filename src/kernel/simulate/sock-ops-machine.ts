import type { Ipv4Address, Ipv6Address } from "../../wire/layout.ts";
import type { SockOpsContext, SockOpsContextMachine } from "../sock-ops-context.ts";
import type { Socket } from "../socket.ts";
import { socketView } from "./simulated-socket.ts";

type Read = "machine" | "setCallbacks" | "socketCookie" | "reply" | "socket";

/** Fields of a TCP event: those that programs read, and the cookie. */
export type SockOpsFields = { readonly [K in Exclude<keyof SockOpsContext, Read>]: SockOpsContext[K] } & {
  readonly socket: Socket | null;
  readonly socketCookie: bigint;
};

/** Every callback that a kernel knows, header options included (`BPF_SOCK_OPS_ALL_CB_FLAGS`). */
const ALL_CALLBACKS = 0x7f;

/** `struct bpf_sock_ops` in V8. What is not given is 0, of a whole socket. */
export class SockOpsMachine implements SockOpsContextMachine {
  readonly redirected = null;
  readonly #socket: object | null;
  fields: SockOpsFields;

  constructor(fields: Partial<SockOpsFields>) {
    this.fields = { ...defaults, ...fields };
    const { socket } = this.fields;
    this.#socket = socket === null ? null : socketView(socket);
  }

  /** There is no packet. */
  frame(): Uint8Array {
    return new Uint8Array(0);
  }

  field(name: string): unknown {
    return name === "socket" ? this.#socket : Reflect.get(this.fields, name);
  }

  setField(name: string, value: number | bigint): void {
    if (name !== "reply") throw new TypeError(`${name} of the context cannot be written`);
    const [, ...others] = this.fields.args;
    this.fields = { ...this.fields, args: [Number(value) >>> 0, ...others] };
  }

  setCallbacks(flags: number): boolean {
    if (this.fields.isFullSocket === 0) return false;
    this.fields = { ...this.fields, callbackFlags: flags & ALL_CALLBACKS };
    return (flags & ~ALL_CALLBACKS) === 0;
  }

  socketCookie(): bigint {
    return this.fields.socketCookie;
  }
}

const defaults: SockOpsFields = {
  op: 0,
  args: [0, 0, 0, 0],
  callbackFlags: 0,
  socket: null,
  socketCookie: 1n,
  isFullSocket: 1,
  family: 0,
  localIpv4: "0.0.0.0" as Ipv4Address,
  remoteIpv4: "0.0.0.0" as Ipv4Address,
  localIpv6: "::" as Ipv6Address,
  remoteIpv6: "::" as Ipv6Address,
  localPort: 0,
  remotePort: 0,
  state: 0,
  sndCwnd: 0,
  sndSsthresh: 0,
  srttUs: 0,
  rttMinUs: 0,
  mssCache: 0,
  rcvNxt: 0,
  sndNxt: 0,
  sndUna: 0,
  rateDelivered: 0,
  rateIntervalUs: 0,
  packetsOut: 0,
  retransOut: 0,
  lostOut: 0,
  sackedOut: 0,
  totalRetrans: 0,
  segsIn: 0,
  segsOut: 0,
  dataSegsIn: 0,
  dataSegsOut: 0,
  bytesReceived: 0n,
  bytesAcked: 0n,
};
