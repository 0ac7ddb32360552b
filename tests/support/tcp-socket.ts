/** TCP sockets without an event loop between: made in a namespace, in the test's own turn. */
import { close, Errno, rawSyscall, syscall } from "../../src/linux/ffi.ts";
import { AF_INET6, parseIp } from "../../src/linux/ip-address.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { syscallNumber } from "../../src/linux/syscall-numbers.ts";
import { withNetns } from "../../src/linux/with-netns.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

/** Starts to connect and returns at once. Returns what closes the socket. */
export const startTcpConnection = (netns: Netns, address: string, port: number): (() => void) => {
  const { fd, name } = open(netns, address, port);
  const result = rawSyscall(syscallNumber("connect"), fd, name, name.length);
  if (result !== 0 && result !== -Errno.EINPROGRESS) throw new Error(`connect: ${result}`);
  return () => close(fd);
};

/** Listens. Returns what closes the socket. */
export const listenTcp = (netns: Netns, address: string, port: number): (() => void) => {
  const { fd, name } = open(netns, address, port);
  syscall("bind", `${address} port ${port}`, fd, name, name.length);
  syscall("listen", `${address} port ${port}`, fd, 8);
  return () => close(fd);
};

const open = (netns: Netns, address: string, port: number): { fd: number; name: Uint8Array } => {
  const { bytes } = parseIp(address);
  const family = bytes.length === 4 ? AF_INET : AF_INET6;
  const fd = withNetns(netns, () => syscall("socket", "TCP", family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const name = new Uint8Array(bytes.length === 4 ? 16 : 28);
  const view = new DataView(name.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, port);
  name.set(bytes, bytes.length === 4 ? 4 : 8);
  return { fd, name };
};
