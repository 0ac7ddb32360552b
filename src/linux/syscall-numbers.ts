import { UnsupportedError } from "../errors.ts";

/** System call numbers: [x86-64, arm64]. A call that one of them lacks (arm64 has no epoll_wait) is not in the table. */
const numbers = {
  accept4: [288, 242],
  bind: [49, 200],
  bpf: [321, 280],
  capget: [125, 90],
  clock_adjtime: [305, 266],
  clock_gettime: [228, 113],
  close: [3, 57],
  connect: [42, 203],
  dup3: [292, 24],
  epoll_create1: [291, 20],
  epoll_ctl: [233, 21],
  epoll_pwait: [281, 22],
  eventfd2: [290, 19],
  fcntl: [72, 25],
  flock: [73, 32],
  getpid: [39, 172],
  getsockname: [51, 204],
  getsockopt: [55, 209],
  gettid: [186, 178],
  ioctl: [16, 29],
  kill: [62, 129],
  listen: [50, 201],
  membarrier: [324, 283],
  memfd_create: [319, 279],
  mmap: [9, 222],
  mount: [165, 40],
  munmap: [11, 215],
  openat: [257, 56],
  perf_event_open: [298, 241],
  pidfd_open: [434, 434],
  pidfd_send_signal: [424, 424],
  ppoll: [271, 73],
  prctl: [157, 167],
  read: [0, 63],
  recvfrom: [45, 207],
  recvmsg: [47, 212],
  rt_sigprocmask: [14, 135],
  sched_getaffinity: [204, 123],
  sched_setaffinity: [203, 122],
  sendmsg: [46, 211],
  sendto: [44, 206],
  setns: [308, 268],
  setsockopt: [54, 208],
  socket: [41, 198],
  statfs: [137, 43],
  umount2: [166, 39],
  unshare: [272, 97],
  write: [1, 64],
} as const satisfies Record<string, readonly [number, number]>;

export type SyscallName = keyof typeof numbers;

/** The number of a system call on this machine; `UnsupportedError` on any other processor than x86-64 and arm64. */
export function syscallNumber(name: SyscallName): number {
  const [x64, arm64] = numbers[name];
  const { arch } = process;
  if (arch === "x64") return x64;
  if (arch === "arm64") return arm64;
  throw new UnsupportedError("architecture", `system calls need x86-64 or arm64, this is ${arch}`);
}
