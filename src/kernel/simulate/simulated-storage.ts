import type { Socket } from "../socket.ts";
import type { KernelSocket, SocketStorage } from "../socket-storage.ts";
import { decodeElement, encodeElement } from "./element-bytes.ts";
import { Memory } from "./memory.ts";
import { originOf } from "./simulated-socket.ts";

/** What sockets carry, in V8. A socket is the object that `context.socket` or an argument was given; without one, each run has its own. */
export class SimulatedStorage<V> {
  readonly #descriptor: SocketStorage<V>;
  readonly #values = new WeakMap<object, Memory>();

  constructor(descriptor: SocketStorage<V>) {
    this.#descriptor = descriptor;
  }

  get name(): string {
    return this.#descriptor.name;
  }

  /** A copy of what the socket carries; undefined when it carries nothing. */
  get(socket: Socket | KernelSocket): V | undefined {
    const memory = this.#values.get(socket);
    return memory === undefined ? undefined : (decodeElement(this.#descriptor.valueLayout, memory.bytes) as V);
  }

  /** Lets the socket carry a copy of `value`, whatever it carried before: true. */
  set(socket: Socket | KernelSocket, value: V): boolean {
    this.#values.set(socket, new Memory(encodeElement(this.#descriptor.valueLayout, value)));
    return true;
  }

  /** False when it carried nothing. */
  delete(socket: Socket | KernelSocket): boolean {
    return this.#values.delete(socket);
  }

  /** For the runtime: the bytes behind the socket that a program sees. */
  memory(view: object, create: boolean): Memory | null {
    const socket = originOf(view);
    const found = this.#values.get(socket);
    if (found !== undefined || !create) return found ?? null;
    const memory = new Memory(new Uint8Array(this.#descriptor.valueSize));
    this.#values.set(socket, memory);
    return memory;
  }

  /** For the runtime. */
  remove(view: object): boolean {
    return this.#values.delete(originOf(view));
  }
}
