import type { Ipv4Address, Ipv6Address } from "../wire/layout.ts";
import type { ContextMachine } from "./packet-context.ts";
import type { Socket } from "./socket.ts";

/**
 * What happened to a TCP socket: `op` of the context. Up to `PassiveEstablished`, `NeedsEcn`, `BaseRtt` and `Listen` the kernel
 * calls for every socket of the cgroup; the others once `setCallbacks` asked for them. What `args` hold, and what `reply`
 * answers:
 *
 * - `TimeoutInit`: reply the SYN's timeout, in jiffies; `RwndInit`: the initial receive window, in packets.
 * - `NeedsEcn`: reply 1 to want ECN; `BaseRtt`: reply the RTT that means congestion.
 * - `Rto`: args are retransmissions so far, the timeout, and whether it has expired.
 * - `Retransmit`: args are the sequence number of the first byte, the segments, and the sending's result, 0 for done.
 * - `StateChanged`: args are the old and the new state, of `TcpState`.
 * - `RttChanged`: args, from Linux 6.11 on, are the RTT just measured and the smoothed one, in µs, shifted as the kernel keeps it.
 */
export const SockOps = {
  TimeoutInit: 1,
  RwndInit: 2,
  TcpConnect: 3,
  ActiveEstablished: 4,
  PassiveEstablished: 5,
  NeedsEcn: 6,
  BaseRtt: 7,
  Rto: 8,
  Retransmit: 9,
  StateChanged: 10,
  Listen: 11,
  RttChanged: 12,
} as const;

/** What `setCallbacks` asks for; combine them with `|`. */
export const SockOpsCallback = { Rto: 1, Retransmit: 2, StateChanged: 4, RttChanged: 8 } as const;

export interface SockOpsContextMachine extends ContextMachine {
  setCallbacks(flags: number): boolean;
  socketCookie(): bigint;
}

/**
 * `struct bpf_sock_ops`: a TCP connection of a cgroup, at the moment that something happens to it. Addresses are those of
 * `family`, 2 (AF_INET) or 10 (AF_INET6); ports are plain numbers. Until a connection's request has become a socket
 * (`isFullSocket` is 0), all but addresses, ports, `op` and `args` read as 0.
 */
export class SockOpsContext {
  protected readonly machine: SockOpsContextMachine;

  constructor(machine: SockOpsContextMachine) {
    this.machine = machine;
  }

  /** One of {@link SockOps}. */
  get op(): number {
    return this.#number("op");
  }

  /** What {@link SockOps} says of this `op`; the index must be known while compiling. */
  get args(): readonly [number, number, number, number] {
    return this.machine.field("args") as readonly [number, number, number, number];
  }

  /** The answer to an `op` that asks: 32 bits, in the place of `args[0]`. */
  get reply(): number {
    return this.args[0];
  }

  set reply(value: number) {
    this.machine.setField("reply", value);
  }

  /** Asks for callbacks of this socket, {@link SockOpsCallback}, in place of those asked for before; false where it cannot be. */
  setCallbacks(flags: number): boolean {
    return this.machine.setCallbacks(flags);
  }

  /** What was asked for: {@link SockOpsCallback}. */
  get callbackFlags(): number {
    return this.#number("callbackFlags");
  }

  /** A number that the socket keeps for its life and no other on this host ever has. */
  socketCookie(): bigint {
    return this.machine.socketCookie();
  }

  /** The socket itself, to keep something with it; null while it is a request only. */
  get socket(): Socket | null {
    return this.machine.field("socket") as Socket | null;
  }

  /** 1 when this is a whole socket. */
  get isFullSocket(): number {
    return this.#number("isFullSocket");
  }

  /** 2 (AF_INET) or 10 (AF_INET6). */
  get family(): number {
    return this.#number("family");
  }

  /** This host's address, with family 2. */
  get localIpv4(): Ipv4Address {
    return this.machine.field("localIpv4") as Ipv4Address;
  }

  /** The peer's address, with family 2. */
  get remoteIpv4(): Ipv4Address {
    return this.machine.field("remoteIpv4") as Ipv4Address;
  }

  /** This host's address, with family 10. */
  get localIpv6(): Ipv6Address {
    return this.machine.field("localIpv6") as Ipv6Address;
  }

  /** The peer's address, with family 10. */
  get remoteIpv6(): Ipv6Address {
    return this.machine.field("remoteIpv6") as Ipv6Address;
  }

  /** This host's port, as a plain number. */
  get localPort(): number {
    return this.#number("localPort");
  }

  /** The peer's port, as a plain number. */
  get remotePort(): number {
    return this.#number("remotePort");
  }

  /** One of `TcpState`. */
  get state(): number {
    return this.#number("state");
  }

  /** Congestion window, in segments. */
  get sndCwnd(): number {
    return this.#number("sndCwnd");
  }

  /** Slow start threshold, in segments. */
  get sndSsthresh(): number {
    return this.#number("sndSsthresh");
  }

  /** Smoothed round-trip time, in µs; the kernel's own eighths of a µs are cut off. */
  get srttUs(): number {
    return this.#number("srttUs");
  }

  /** Least round-trip time of late, in µs; all ones before the first. */
  get rttMinUs(): number {
    return this.#number("rttMinUs");
  }

  /** Bytes of payload in a segment. */
  get mssCache(): number {
    return this.#number("mssCache");
  }

  /** Next sequence number that is expected. */
  get rcvNxt(): number {
    return this.#number("rcvNxt");
  }

  /** Next sequence number that will be sent. */
  get sndNxt(): number {
    return this.#number("sndNxt");
  }

  /** First sequence number that is not acknowledged. */
  get sndUna(): number {
    return this.#number("sndUna");
  }

  /** Segments delivered in `rateIntervalUs`. */
  get rateDelivered(): number {
    return this.#number("rateDelivered");
  }

  /** How long delivering {@link rateDelivered} segments took, in µs. */
  get rateIntervalUs(): number {
    return this.#number("rateIntervalUs");
  }

  /** Segments in flight. */
  get packetsOut(): number {
    return this.#number("packetsOut");
  }

  /** Of those, retransmitted ones. */
  get retransOut(): number {
    return this.#number("retransOut");
  }

  /** Segments held to be lost. */
  get lostOut(): number {
    return this.#number("lostOut");
  }

  /** Segments acknowledged selectively. */
  get sackedOut(): number {
    return this.#number("sackedOut");
  }

  /** Segments retransmitted so far. */
  get totalRetrans(): number {
    return this.#number("totalRetrans");
  }

  /** Segments received so far. */
  get segsIn(): number {
    return this.#number("segsIn");
  }

  /** Segments sent so far, retransmissions included. */
  get segsOut(): number {
    return this.#number("segsOut");
  }

  /** Segments with payload. */
  get dataSegsIn(): number {
    return this.#number("dataSegsIn");
  }

  /** Segments with payload. */
  get dataSegsOut(): number {
    return this.#number("dataSegsOut");
  }

  /** Bytes received so far, each counted once. */
  get bytesReceived(): bigint {
    return this.machine.field("bytesReceived") as bigint;
  }

  /** Bytes sent so far that the peer has acknowledged. */
  get bytesAcked(): bigint {
    return this.machine.field("bytesAcked") as bigint;
  }

  #number(name: string): number {
    return this.machine.field(name) as number;
  }
}
