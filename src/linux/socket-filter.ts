/** Classic BPF on sockets: what passes is decided in the kernel. */
import { addressOf, keepAlive, syscall } from "./ffi.ts";
import { SO_ATTACH_FILTER, SOL_SOCKET } from "./packet-family.ts";

/** Bytes of a `struct sock_filter`. */
const INSTRUCTION_BYTES = 8;

/** `code`: instructions as the kernel has them (code u16, jumps u8, u8, k u32). */
export const attachSocketFilter = (fd: number, code: Uint8Array, object: string): void => {
  const program = new DataView(new ArrayBuffer(16));
  program.setUint16(0, code.length / INSTRUCTION_BYTES, true);
  program.setBigUint64(8, addressOf(code), true);
  syscall("setsockopt", object, fd, SOL_SOCKET, SO_ATTACH_FILTER, program, 16);
  keepAlive(code);
};

/** A filter that keeps the first `length` bytes of every packet. */
export const keepFront = (length: number): Uint8Array => {
  const code = new DataView(new ArrayBuffer(INSTRUCTION_BYTES));
  code.setUint16(0, 0x06, true); // return a constant
  code.setUint32(4, length, true);
  return new Uint8Array(code.buffer);
};
