import { formatAddress } from "../../wire/address.ts";
import type { CgroupSkbMachine as Machine } from "../cgroup-context.ts";
import type { Socket } from "../socket.ts";
import { ETHERNET_BYTES, PacketMachine } from "./packet-machine.ts";
import { PacketMemory } from "./packet-memory.ts";
import { skbDefaults, WRITABLE_SKB_FIELDS, type SkbFields } from "./skb-fields.ts";
import { noSocket, socketView } from "./simulated-socket.ts";

/** Fields of the context of a program on a cgroup's packets. */
export interface CgroupSkbFields extends SkbFields {
  /** The socket that sends or gets the packet; null for what has none. */
  readonly socket: Socket | null;
  /** What `ctx.socketCookie()` answers, 1 unless said; 0 without a socket. */
  readonly socketCookie: bigint;
  /** Ids of the cgroup's ancestors, the root's first, and of the cgroup itself last. */
  readonly cgroupIds: readonly bigint[];
}

/** `struct __sk_buff` in V8, its packet from the network header on. All of it is linear; none of it can be written. */
export class CgroupSkbMachine extends PacketMachine<CgroupSkbFields> implements Machine {
  readonly #socket: object | null;

  constructor(frame: Uint8Array, fields: Partial<CgroupSkbFields>) {
    const all = { ...skbDefaults(frame), socket: socketOf(frame), socketCookie: 1n, cgroupIds: [1n], ...fields };
    super(new PacketMemory(frame.subarray(ETHERNET_BYTES), 0, 0), all, WRITABLE_SKB_FIELDS);
    this.packet.readOnly = true;
    this.#socket = all.socket === null ? null : socketView(all.socket);
  }

  /** The kernel forgets the MAC header: it is all zero afterwards. */
  override frame(): Uint8Array {
    return Uint8Array.from([...new Uint8Array(ETHERNET_BYTES), ...this.packet.bytes]);
  }

  override field(name: string): unknown {
    return name === "socket" ? this.#socket : super.field(name);
  }

  socketCookie(): bigint {
    return this.fields.socket === null ? 0n : this.fields.socketCookie;
  }

  cgroupId(): bigint {
    return this.fields.socket === null ? 0n : (this.fields.cgroupIds.at(-1) ?? 0n);
  }

  ancestorCgroupId(level: number): bigint {
    return this.fields.socket === null ? 0n : (this.fields.cgroupIds[level] ?? 0n);
  }
}

const AF_INET = 2;
const AF_INET6 = 10;

/** The socket that TEST_RUN makes up: it has the packet's addresses, and nothing else. */
const socketOf = (frame: Uint8Array): Socket => {
  const { protocol } = skbDefaults(frame);
  if (protocol === 0x0800 && frame.length >= ETHERNET_BYTES + 20) {
    return {
      ...noSocket,
      family: AF_INET,
      localIpv4: formatAddress("ipv4", frame, ETHERNET_BYTES + 12) as Socket["localIpv4"],
      remoteIpv4: formatAddress("ipv4", frame, ETHERNET_BYTES + 16) as Socket["remoteIpv4"],
    };
  }
  if (protocol === 0x86dd && frame.length >= ETHERNET_BYTES + 40) {
    return {
      ...noSocket,
      family: AF_INET6,
      localIpv6: formatAddress("ipv6", frame, ETHERNET_BYTES + 8) as Socket["localIpv6"],
      remoteIpv6: formatAddress("ipv6", frame, ETHERNET_BYTES + 24) as Socket["remoteIpv6"],
    };
  }
  return noSocket;
};
