/** What the kernel says of its objects: `BPF_OBJ_GET_INFO_BY_FD`. */
import { addressOf, keepAlive } from "../../linux/ffi.ts";
import { Attributes } from "./attributes.ts";
import { bpf } from "./bpf.ts";
import { LinkType } from "./constants.ts";

/** What the kernel says of a program. */
export interface ProgramInfo {
  /** The kernel's, unique among programs: what bpftool names it by. */
  readonly id: number;
  /** `enum bpf_prog_type`. */
  readonly type: number;
  readonly name: string;
  /** SHA of the instructions, 16 hex digits: what tc shows. */
  readonly tag: string;
  readonly mapIds: readonly number[];
  /** Bytes of machine code; 0 when interpreted. */
  readonly jitedBytes: number;
  /** Instructions the verifier walked. */
  readonly verifiedInstructions: number;
}

/** What the kernel says of a map. Sizes are in bytes. */
export interface MapInfo {
  /** The kernel's, unique among maps: what bpftool names it by. */
  readonly id: number;
  /** `enum bpf_map_type`. */
  readonly type: number;
  /** Bytes. */
  readonly keySize: number;
  /** Bytes; of a per-CPU map, of one CPU's value. */
  readonly valueSize: number;
  /** At most so many; bytes of a ring buffer. */
  readonly entries: number;
  /** `BPF_F_…`, as the map was made. */
  readonly flags: number;
  readonly name: string;
}

/** What the kernel says of a link. */
export interface LinkInfo {
  /** The kernel's, unique among links: what bpftool names it by. */
  readonly id: number;
  /** `enum bpf_link_type`. */
  readonly type: number;
  /** Id of the program that is attached now. */
  readonly programId: number;
  /** 0 when the device, or its namespace, is gone, or when it never had one. */
  readonly ifindex: number;
  /** Inode number of the cgroup's directory; 0 when it is gone, or when there never was one. */
  readonly cgroupId: bigint;
  /** `enum bpf_attach_type`, of tcx and cgroup links. */
  readonly attachType: number;
}

const PROGRAM_INFO_BYTES = 232;

const read = (fd: number, buffer: Uint8Array, object: string): DataView => {
  bpf("OBJ_GET_INFO_BY_FD", new Attributes().u32(0, fd).u32(4, buffer.length).pointer(8, buffer), object);
  return new DataView(buffer.buffer);
};

const cText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8").split("\0")[0] ?? "";

export const programInfo = (fd: number): ProgramInfo => {
  const bytes = new Uint8Array(PROGRAM_INFO_BYTES);
  const view = read(fd, bytes, "program");
  return {
    type: view.getUint32(0, true),
    id: view.getUint32(4, true),
    tag: Buffer.from(bytes.subarray(8, 16)).toString("hex"),
    jitedBytes: view.getUint32(16, true),
    mapIds: mapIdsOf(fd, view.getUint32(52, true)),
    name: cText(bytes.subarray(64, 80)),
    verifiedInstructions: view.getUint32(216, true),
  };
};

/** The kernel fills an array whose place and length the caller writes into the same structure. */
const mapIdsOf = (fd: number, count: number): readonly number[] => {
  if (count === 0) return [];
  const ids = new Uint32Array(count);
  const bytes = new Uint8Array(PROGRAM_INFO_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(52, count, true);
  view.setBigUint64(56, addressOf(ids), true);
  read(fd, bytes, "program");
  keepAlive(ids);
  return [...ids];
};

export const mapInfo = (fd: number): MapInfo => {
  const bytes = new Uint8Array(80);
  const view = read(fd, bytes, "map");
  return {
    type: view.getUint32(0, true),
    id: view.getUint32(4, true),
    keySize: view.getUint32(8, true),
    valueSize: view.getUint32(12, true),
    entries: view.getUint32(16, true),
    flags: view.getUint32(20, true),
    name: cText(bytes.subarray(24, 40)),
  };
};

export const linkInfo = (fd: number): LinkInfo => {
  const view = read(fd, new Uint8Array(64), "link");
  const type = view.getUint32(0, true);
  const link = { id: view.getUint32(4, true), type, programId: view.getUint32(8, true) };
  // Where the others say their device, links to cgroups have that group's 64-bit id.
  if (type === LinkType.CGROUP)
    return { ...link, ifindex: 0, cgroupId: view.getBigUint64(16, true), attachType: view.getUint32(24, true) };
  return { ...link, ifindex: view.getUint32(16, true), cgroupId: 0n, attachType: view.getUint32(20, true) };
};
