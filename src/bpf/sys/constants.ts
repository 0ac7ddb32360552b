/** Numbers of include/uapi/linux/bpf.h and if_link.h, with the kernel's spelling less its prefix. */

/** `enum bpf_cmd`. */
export const Command = {
  MAP_CREATE: 0,
  MAP_LOOKUP_ELEM: 1,
  MAP_UPDATE_ELEM: 2,
  MAP_DELETE_ELEM: 3,
  MAP_GET_NEXT_KEY: 4,
  PROG_LOAD: 5,
  OBJ_PIN: 6,
  OBJ_GET: 7,
  PROG_TEST_RUN: 10,
  PROG_GET_FD_BY_ID: 13,
  OBJ_GET_INFO_BY_FD: 15,
  PROG_QUERY: 16,
  RAW_TRACEPOINT_OPEN: 17,
  BTF_LOAD: 18,
  MAP_LOOKUP_AND_DELETE_ELEM: 21,
  MAP_FREEZE: 22,
  MAP_LOOKUP_BATCH: 24,
  MAP_LOOKUP_AND_DELETE_BATCH: 25,
  MAP_UPDATE_BATCH: 26,
  MAP_DELETE_BATCH: 27,
  LINK_CREATE: 28,
  LINK_UPDATE: 29,
  ITER_CREATE: 33,
  LINK_DETACH: 34,
} as const;

export type CommandName = keyof typeof Command;

/** `enum bpf_attach_type`. */
export const AttachType = {
  CGROUP_INET_INGRESS: 0,
  CGROUP_INET_EGRESS: 1,
  CGROUP_SOCK_OPS: 3,
  TRACE_ITER: 28,
  XDP: 37,
  TCX_INGRESS: 46,
  TCX_EGRESS: 47,
} as const;

/** `enum bpf_link_type`. */
export const LinkType = { RAW_TRACEPOINT: 1, CGROUP: 3, XDP: 6, TCX: 11 } as const;

export const XdpFlag = { SKB_MODE: 1 << 1, DRV_MODE: 1 << 2 } as const;

/** Relative order of `bpf_mprog` links. */
export const LinkFlag = { BEFORE: 1 << 3, AFTER: 1 << 4, LINK: 1 << 13 } as const;

export const TestFlag = { XDP_LIVE_FRAMES: 1 << 1, SKB_CHECKSUM_COMPLETE: 1 << 2 } as const;

/** Names of objects: 15 bytes and a zero. */
export const OBJECT_NAME_BYTES = 16;
