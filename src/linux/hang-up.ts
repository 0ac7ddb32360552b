/** Whether anybody is left at the other end of a pipe or socket. Source: poll(2). */
import { rawSyscall } from "./ffi.ts";
import { syscallNumber } from "./syscall-numbers.ts";

const POLLERR = 0x08;
const POLLHUP = 0x10;

/** Whether the reader of a pipe, or the other end of a socket, has gone: found without writing. False for files. */
export const hungUp = (fd: number): boolean => {
  // struct pollfd { int fd; short events; short revents }: errors and hang-ups are told without being asked for
  const pollfd = new DataView(new ArrayBuffer(8));
  pollfd.setInt32(0, fd, true);
  const atOnce = new BigInt64Array(2);
  const ready = rawSyscall(syscallNumber("ppoll"), pollfd, 1, atOnce, null, 8);
  return ready > 0 && (pollfd.getUint16(6, true) & (POLLERR | POLLHUP)) !== 0;
};
