/** Which XDP program a device runs, and how to be rid of it. For the words of a refusal. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { Attributes } from "../sys/attributes.ts";
import { tryBpf } from "../sys/bpf.ts";
import { Descriptor } from "../sys/descriptor.ts";
import { programInfo } from "../sys/info.ts";

/** `programId`: as the device's link says. */
export const xdpOccupant = (programId: number, device: string): { readonly what: string; readonly remedy: string } => {
  const what = `${nameOf(programId)} (program ${programId})`;
  const holder = linkHolder(programId);
  if (holder !== undefined) {
    const { pid, command } = holder;
    return { what: `${what}, attached by process ${pid}`, remedy: `end that process first (${command})` };
  }
  return {
    what,
    remedy: `take it away first: ip link set dev ${device} xdp off, or xdpgeneric off; one that is pinned: bpftool link detach pinned PATH`,
  };
};

const nameOf = (programId: number): string => {
  const fd = tryBpf("PROG_GET_FD_BY_ID", new Attributes().u32(0, programId));
  if (fd < 0) return "one";
  const program = new Descriptor(fd);
  try {
    return programInfo(program.fd).name;
  } finally {
    program.close();
  }
};

interface Holder {
  readonly pid: number;
  readonly command: string;
}

/** The process that has a link with this program open, as far as /proc may be read. */
const linkHolder = (programId: number): Holder | undefined => {
  const isIts = new RegExp(`^prog_id:\\s*${programId}$`, "m");
  for (const pid of namesIn("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const fd of namesIn(`/proc/${pid}/fd`)) {
      if (isIts.test(linkInfo(pid, fd))) return { pid: Number(pid), command: commandOf(pid) };
    }
  }
  return undefined;
};

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it ended meanwhile, or is somebody else's
  }
};

/** What /proc says of a descriptor that is a link; nothing of any other. */
const linkInfo = (pid: string, fd: string): string => {
  try {
    const isLink = /bpf[-_]link/.test(readlinkSync(`/proc/${pid}/fd/${fd}`));
    return isLink ? readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8") : "";
  } catch {
    return ""; // closed meanwhile: reading the folder takes one itself
  }
};

const LONGEST_COMMAND = 80;

const commandOf = (pid: string): string => {
  const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  return words.length <= LONGEST_COMMAND ? words : `${words.slice(0, LONGEST_COMMAND - 1)}…`;
};
