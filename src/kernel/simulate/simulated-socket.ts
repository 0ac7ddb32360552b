import { encodeLayout } from "../../wire/codec.ts";
import type { Ipv4Address, Ipv6Address } from "../../wire/layout.ts";
import { SocketLayout, TcpState, type Socket } from "../socket.ts";
import { behindGuard } from "./kernel-object.ts";
import { Memory } from "./memory.ts";
import { view } from "./view.ts";

/** A socket with nothing set: of no family, closed. */
export const noSocket: Socket = {
  boundIfindex: 0,
  family: 0,
  type: 0,
  protocol: 0,
  mark: 0,
  priority: 0,
  localIpv4: "0.0.0.0" as Ipv4Address,
  localIpv6: "::" as Ipv6Address,
  localPort: 0,
  remotePort: 0,
  remoteIpv4: "0.0.0.0" as Ipv4Address,
  remoteIpv6: "::" as Ipv6Address,
  state: TcpState.Close,
};

/** A socket as programs read it. */
export const socketView = (socket: Socket): object => {
  const memory = new Memory(encodeLayout(SocketLayout, { ...socket, reserved: 0 }));
  memory.readOnly = true;
  const seen = view(SocketLayout, memory, 0);
  origins.set(seen, socket === noSocket ? seen : socket);
  return seen;
};

const origins = new WeakMap<object, object>();

/** The socket that a view shows, or an object of the kernel is, by which what it carries is found. Throws a TypeError for other objects. */
export const originOf = (seen: object): object => {
  const socket = origins.get(seen) ?? behindGuard(seen);
  if (socket === undefined) throw new TypeError("neither the socket of a context nor one of the kernel");
  return socket;
};
