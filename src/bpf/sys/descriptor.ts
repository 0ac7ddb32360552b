import { close, syscall } from "../../linux/ffi.ts";

/** A file descriptor with one owner: closed once, and never used after that. */
export class Descriptor {
  #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  get fd(): number {
    if (this.#fd < 0) throw new Error("the descriptor is closed");
    return this.#fd;
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  close(): void {
    if (this.#fd < 0) return;
    close(this.#fd);
    this.#fd = -1;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const F_DUPFD_CLOEXEC = 1030;

/** Another descriptor of the same object. */
export const duplicate = (fd: number): number => syscall("fcntl", `descriptor ${fd}`, fd, F_DUPFD_CLOEXEC, 0);
