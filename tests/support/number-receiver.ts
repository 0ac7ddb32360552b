import { close, Errno, rawSyscall, syscall } from "../../src/linux/ffi.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { syscallNumber } from "../../src/linux/syscall-numbers.ts";
import { withNetns } from "../../src/linux/with-netns.ts";

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;

/** Reads datagrams that start with a number of 8 bytes, little-endian. */
export class NumberReceiver {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(1 << 16);
  readonly #view = new DataView(this.#buffer.buffer);

  constructor(netns: Netns, port: number) {
    this.#fd = withNetns(netns, () => syscall("socket", "UDP", AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    syscall("setsockopt", "UDP", this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, Int32Array.of(1 << 28), 4);
    const address = new DataView(new ArrayBuffer(16));
    address.setUint16(0, AF_INET, true);
    address.setUint16(2, port);
    syscall("bind", `port ${port}`, this.#fd, address, 16);
  }

  /** What has come, in its order. */
  drain(): number[] {
    const numbers: number[] = [];
    for (;;) {
      const length = rawSyscall(syscallNumber("recvfrom"), this.#fd, this.#buffer, this.#buffer.length, 0, null, null);
      if (length === -Errno.EAGAIN) return numbers;
      if (length < 8) throw new Error(`recvfrom: ${length}`);
      numbers.push(Number(this.#view.getBigUint64(0, true)));
    }
  }

  close(): void {
    close(this.#fd);
  }
}
