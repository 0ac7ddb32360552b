/** Programs at the kernel's tracepoints. */
import { HopmarkError, type PermissionError, UnsupportedError } from "../../errors.ts";
import { cString, Errno } from "../../linux/ffi.ts";
import { Attributes } from "../sys/attributes.ts";
import { bpfError, NEEDED_TO_TRACE, tryBpf } from "../sys/bpf.ts";
import { Descriptor } from "../sys/descriptor.ts";
import { programInfo } from "../sys/info.ts";
import { pinOrDetach, type Attachable, type Attachment } from "./attachment.ts";
import { KernelLink } from "./link.ts";

/** A program at a tracepoint of the kernel. It ends when it is closed: the kernel keeps no other hold of it. */
export class TracepointAttachment {
  readonly hook = "tracepoint";
  readonly mechanism = "tracepoint";
  /** Name of the tracepoint. */
  readonly tracepoint: string;
  /** Kernel's id of the program. */
  readonly programId: number;
  readonly #descriptor: Descriptor;

  constructor(tracepoint: string, programId: number, fd: number) {
    this.tracepoint = tracepoint;
    this.programId = programId;
    this.#descriptor = new Descriptor(fd);
  }

  /** Ends it. Twice is fine. */
  detach(): void {
    this.#descriptor.close();
  }

  /** Ends it. Twice is fine. */
  close(): void {
    this.detach();
  }

  [Symbol.dispose](): void {
    this.detach();
  }
}

/**
 * Attaches a program made with `tracepoint()`, which was loaded for its tracepoint, or with `rawTracepoint()`, which is told
 * it now. @throws UnsupportedError for a tracepoint that this kernel does not have; PermissionError
 */
export const attachTracepoint = (program: Attachable, tracepoint: string, type: TracepointType): TracepointAttachment =>
  new TracepointAttachment(tracepoint, programInfo(program.fd).id, open(program, tracepoint, type));

/** The same, with a pin: it outlives this process. */
export const pinAtTracepoint = (
  program: Attachable,
  tracepoint: string,
  type: TracepointType,
  pin: string,
): Attachment => {
  const link = new KernelLink(open(program, tracepoint, type));
  pinOrDetach(link, pin);
  return link;
};

type TracepointType = "tracepoint" | "rawTracepoint";

/** The descriptor of a link. */
const open = (program: Attachable, tracepoint: string, type: TracepointType): number => {
  const attributes = new Attributes().u32(8, program.fd);
  if (type === "rawTracepoint") attributes.pointer(0, cString(tracepoint));
  const result = tryBpf("RAW_TRACEPOINT_OPEN", attributes);
  if (result >= 0) return result;
  throw refusal(program, tracepoint, result);
};

const refusal = (program: Attachable, tracepoint: string, error: number): HopmarkError | PermissionError => {
  switch (error) {
    case -Errno.ENOENT:
      return new UnsupportedError(
        tracepoint,
        `program ${program.name} is for ${tracepoint}, which this kernel does not have`,
        {
          hint: "hopmark types --list says which tracepoints there are",
        },
      );
    case -Errno.EINVAL:
      return new HopmarkError(
        "tracepoint",
        `program ${program.name} reads an argument that ${tracepoint} does not have`,
        {
          hint: `hopmark types ${tracepoint} says which it has`,
        },
      );
    default:
      return bpfError("RAW_TRACEPOINT_OPEN", error, `program ${program.name} at ${tracepoint}`, NEEDED_TO_TRACE);
  }
};
