import type { PacketSource } from "./packet-context.ts";
import { SkbContext } from "./skb-context.ts";
import type { Socket } from "./socket.ts";

/**
 * Verdicts of a program on the packets of a cgroup. Who sends what is denied gets EPERM. The last two are for programs made
 * with `{ egress: true }`: the packet is lost on the way, or leaves, and TCP is told that the way is congested, and sends
 * slower.
 */
export const CgroupSkb = { Deny: 0, Allow: 1, DropCongested: 2, AllowCongested: 3 } as const;

export interface CgroupSkbMachine extends PacketSource {
  socketCookie(): bigint;
  cgroupId(): bigint;
  ancestorCgroupId(level: number): bigint;
}

/**
 * `struct __sk_buff`, for packets that sockets of a cgroup send or get. They start with their IP header and cannot be
 * changed.
 */
export class CgroupSkbContext extends SkbContext<CgroupSkbMachine> {
  /** The socket that sends the packet or gets it. */
  get socket(): Socket | null {
    return this.machine.field("socket") as Socket | null;
  }

  /** A number that the socket keeps for its life and no other on this host ever has; 0 without a socket. */
  socketCookie(): bigint {
    return this.machine.socketCookie();
  }

  /** Id (inode number) of the cgroup in which the socket was made; 0 without a socket. */
  cgroupId(): bigint {
    return this.machine.cgroupId();
  }

  /** Id of that cgroup's ancestor at `level`: 0 is the root; 0 where there is none. */
  ancestorCgroupId(level: number): bigint {
    return this.machine.ancestorCgroupId(level);
  }
}
