/** Values that sockets carry: they come to be in a program and go with their socket. */
import type { Layout } from "../wire/layout.ts";
import { asLayout, indexElement, NO_PREALLOC, type Element, type MapDescriptor, type ValueOf } from "./maps.ts";
import { requireElement } from "./require-declared.ts";
import { runtime } from "./runtime.ts";
import type { Socket } from "./socket.ts";

/** A socket as tracepoints and iterators show it: `struct sock`, what starts with one, or its own start. */
export type KernelSocket = { readonly __sk_common: object } | { readonly skc_family: number };

/** Values that belong to sockets: each socket has its own, which goes with it. */
export class SocketStorage<V> implements MapDescriptor {
  readonly kind = "map";
  readonly type = "sk_storage";
  readonly name: string;
  /** User space names a socket by its file descriptor. */
  readonly keyElement = indexElement;
  readonly valueLayout: Layout;
  readonly keySize = 4;
  readonly valueSize: number;
  /** As many as there are sockets; the kernel wants 0. */
  readonly entries = 0;
  readonly flags = NO_PREALLOC;
  readonly initial = undefined;
  /** Phantoms: the JavaScript types of key and value. */
  declare readonly keyType?: number;
  declare readonly valueType?: V;

  constructor(name: string, value: Element) {
    requireElement("sk_storage", "value", value);
    this.name = name;
    this.valueLayout = asLayout(value);
    this.valueSize = this.valueLayout.size;
  }

  /**
   * A live view of what the socket carries. Null when it carries nothing; with `create` it carries zeros from then on, and null
   * means that the kernel has no memory for it.
   *
   *     const { socket } = ctx;
   *     const own = socket === null ? null : bytes.get(socket, { create: true });
   *     if (own !== null) fetchAdd(own, "value", BigInt(ctx.packet.length));
   *
   * Programs made with `tracepoint` and `iterator` give a socket of the kernel: `own = bytes.get(sk)`, not one that was `cast`.
   * Requests and remains of connections carry nothing.
   */
  get(socket: Socket | KernelSocket, options: { readonly create?: boolean } = {}): V | null {
    return runtime().socketValue(this, socket, options.create === true) as V | null;
  }

  /** False when it carried nothing. */
  delete(socket: Socket | KernelSocket): boolean {
    return runtime().removeSocketValue(this, socket);
  }
}

/**
 * Room for one value in each socket, for programs that see sockets. User space reads it by a socket's file descriptor:
 * `handle.get(fd)`.
 */
export const skStorage = <V extends Element>(
  value: V,
  options: { readonly name?: string } = {},
): SocketStorage<ValueOf<V>> => new SocketStorage(options.name ?? "sk_storage", value);
