/** A UDP socket that says when each packet shall leave (`SO_TXTIME`, socket(7)). */
import { addressOf, close, keepAlive, syscall } from "../../src/linux/ffi.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { withNetns } from "../../src/linux/with-netns.ts";

const [AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_TXTIME, SOL_UDP, UDP_SEGMENT] = [2, 2, 1, 61, 17, 103];
/** Numbers of clocks, as clock_gettime(2) has them. */
const clockIds = { monotonic: 1, tai: 11, wall: 0 } as const;

export class TimedSender {
  readonly #fd: number;

  constructor(netns: Netns, clock: keyof typeof clockIds) {
    this.#fd = withNetns(netns, () => syscall("socket", "UDP", AF_INET, SOCK_DGRAM, 0));
    syscall("setsockopt", "SO_TXTIME", this.#fd, SOL_SOCKET, SO_TXTIME, Int32Array.of(clockIds[clock], 0), 8);
  }

  /** To port `port` of 10.0.0.2, at `timeNs`, cut by the kernel into datagrams of `segment` bytes; 0: as one. */
  send(port: number, bytes: Uint8Array, timeNs: bigint, segment = 0): void {
    syscall("setsockopt", "UDP_SEGMENT", this.#fd, SOL_UDP, UDP_SEGMENT, Int32Array.of(segment), 4);
    // struct sockaddr_in: family, port, address.
    const to = Uint8Array.of(AF_INET, 0, port >> 8, port & 0xff, 10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0);
    const vector = BigUint64Array.of(addressOf(bytes), BigInt(bytes.length));
    // struct cmsghdr: length, level, type.
    const control = new DataView(new ArrayBuffer(24));
    control.setBigUint64(0, 24n, true);
    control.setUint32(8, SOL_SOCKET, true);
    control.setUint32(12, SO_TXTIME, true);
    control.setBigUint64(16, timeNs, true);
    const controlBytes = new Uint8Array(control.buffer);
    // struct msghdr: name, vectors, control, flags.
    const message = BigUint64Array.of(addressOf(to), 16n, addressOf(vector), 1n, addressOf(controlBytes), 24n, 0n);
    syscall("sendmsg", `port ${port}`, this.#fd, message, 0);
    keepAlive(bytes, to, vector, controlBytes);
  }

  close(): void {
    close(this.#fd);
  }
}
