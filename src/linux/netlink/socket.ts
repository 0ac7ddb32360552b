import { HopmarkError, SyscallError } from "../../errors.ts";
import { close, Errno, errnoName, rawSyscall, syscall, syscallError } from "../ffi.ts";
import { syscallNumber } from "../syscall-numbers.ts";
import { Attributes, viewOf } from "./attributes.ts";
import {
  AF_NETLINK,
  MSG_TRUNC,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_ROUTE,
  SO_RCVTIMEO,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
  type NetlinkProtocol,
} from "./constants.ts";
import { HEADER_BYTES } from "./message.ts";
import type { MessageBuilder } from "./message.ts";

const NLM_F_REQUEST = 0x001;
const NLM_F_ACK = 0x004;
const NLM_F_DUMP_INTR = 0x010;
const NLM_F_DUMP = 0x300;
const NLM_F_ACK_TLVS = 0x200;

/** Modifiers of a request that makes something (`NLM_F_*`). */
export const Create = { replace: 0x100, exclusive: 0x200, create: 0x400, append: 0x800 } as const;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

/** One kind of request: its number, and its name in the kernel's spelling for error messages. */
export interface Call {
  readonly type: number;
  readonly name: string;
  /** Bits of `Create`. */
  readonly flags?: number;
  /** What it is about, for errors: an interface, an address, a namespace. */
  readonly object?: string | undefined;
}

/** The kernel refused a request. `message` ends with the kernel's own words where it has some (extended ack). */
export class NetlinkError extends SyscallError {
  readonly kernelMessage: string | undefined;

  constructor(call: string, errno: string, object: string | undefined, kernelMessage: string | undefined) {
    super(call, errno, object);
    this.kernelMessage = kernelMessage;
    if (kernelMessage !== undefined) this.message += `: ${kernelMessage}`;
  }
}

/**
 * A netlink socket. It belongs to the network namespace it was opened in, for good: it works there from any other.
 * Synchronous: a request returns when the kernel has done it.
 */
export class NetlinkSocket {
  readonly fd: number;
  #sequence = 0;
  #closed = false;
  #receiveBuffer = new Uint8Array(64 * 1024);

  /** Opens in the calling thread's network namespace. */
  constructor(protocol: NetlinkProtocol) {
    const object = protocol === NETLINK_ROUTE ? "rtnetlink" : "generic netlink";
    this.fd = syscall("socket", object, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    const on = Int32Array.of(1);
    syscall("setsockopt", object, this.fd, SOL_NETLINK, NETLINK_CAP_ACK, on, 4);
    syscall("setsockopt", object, this.fd, SOL_NETLINK, NETLINK_EXT_ACK, on, 4);
    // dumps then honour the device or family asked for, instead of ignoring the header
    syscall("setsockopt", object, this.fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, on, 4);
    syscall("setsockopt", object, this.fd, SOL_SOCKET, SO_RCVTIMEO, BigInt64Array.of(10n, 0n), 16);
  }

  /** Send one request and wait for its acknowledgement; returns the bodies of the answers that came before it. */
  request(call: Call, message: MessageBuilder): Uint8Array[] {
    this.#send(call, message, NLM_F_ACK | (call.flags ?? 0));
    return this.#receive(call).bodies;
  }

  /** Ask for a list; returns one body per entry. A dump that a change interrupted is asked for again. */
  dump(call: Call, message: MessageBuilder): Uint8Array[] {
    for (let attempt = 0; attempt < 10; attempt++) {
      this.#send(call, message, NLM_F_DUMP);
      const { bodies, interrupted } = this.#receive(call);
      if (!interrupted) return bodies;
    }
    throw new HopmarkError("busy", `${call.name}: the list changed during each of 10 attempts to read it`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    close(this.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #send(call: Call, message: MessageBuilder, flags: number): void {
    this.#sequence = (this.#sequence + 1) >>> 0;
    const bytes = message.finish(call.type, NLM_F_REQUEST | flags, this.#sequence);
    syscall("sendto", call.name, this.fd, bytes, bytes.length, 0, kernelAddress, kernelAddress.length);
  }

  #receive(call: Call): { bodies: Uint8Array[]; interrupted: boolean } {
    const bodies: Uint8Array[] = [];
    let interrupted = false;
    for (;;) {
      const datagram = this.#datagram(call);
      const view = viewOf(datagram);
      for (let at = 0; at + HEADER_BYTES <= datagram.length;) {
        const length = view.getUint32(at, true);
        if (length < HEADER_BYTES || at + length > datagram.length) break;
        const type = view.getUint16(at + 4, true);
        const flags = view.getUint16(at + 6, true);
        // answers to an earlier request that failed half-way are not ours
        if (view.getUint32(at + 8, true) === this.#sequence) {
          const body = datagram.subarray(at + HEADER_BYTES, at + length);
          if ((flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
          if (type === NLMSG_ERROR || type === NLMSG_DONE) {
            throwIfRefused(call, type, flags, body);
            return { bodies, interrupted };
          }
          bodies.push(body.slice());
        }
        at += (length + 3) & ~3;
      }
    }
  }

  #datagram(call: Call): Uint8Array {
    for (;;) {
      const buffer = this.#receiveBuffer;
      const length = rawSyscall(syscallNumber("recvfrom"), this.fd, buffer, buffer.length, MSG_TRUNC, null, null);
      if (length === -Errno.EINTR) continue;
      if (length < 0) throw syscallError("recvfrom", length, call.name);
      if (length > buffer.length) throw syscallError("recvfrom", Errno.EMSGSIZE, call.name);
      return buffer.subarray(0, length);
    }
  }
}

/** `struct nlmsgerr` (i32 error, then the request's header) or the i32 of a dump's end, then the extended ack. */
function throwIfRefused(call: Call, type: number, flags: number, body: Uint8Array): void {
  const error = body.length >= 4 ? viewOf(body).getInt32(0, true) : 0;
  if (error >= 0) return;
  const extended = body.subarray(type === NLMSG_ERROR ? 4 + HEADER_BYTES : 4);
  const said = (flags & NLM_F_ACK_TLVS) === 0 ? undefined : new Attributes(extended).string(NLMSGERR_ATTR_MSG);
  throw new NetlinkError(call.name, errnoName(error), call.object, said);
}

const NLMSGERR_ATTR_MSG = 1;

/** `struct sockaddr_nl` of the kernel: family, port 0, no groups. */
const kernelAddress = Uint8Array.of(AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
