import type { MapDescriptor } from "../kernel/maps.ts";
import type { Program, ProgramType, Purpose } from "../kernel/program.ts";
import type { Position } from "../kernel/source.ts";
import type { Layout } from "../wire/layout.ts";
import type { MachineCode } from "./object/machine-code.ts";

/** What a ring's record may be. */
export interface RecordLayout {
  readonly layout: Layout;
  /** The record may end before the layout does: `output` was given a length. */
  readonly mayBeShorter: boolean;
}

/** A program ready for the kernel: data, no file descriptors. */
export interface CompiledProgram {
  readonly type: ProgramType;
  readonly name: string;
  /** What it is made for; nothing beyond its type for code from elsewhere. */
  readonly purpose?: Purpose;
  readonly code: MachineCode;
  /** Every map the code names, each once. */
  readonly maps: readonly MapDescriptor[];
  /** Layouts of the records that the program writes to each ring; not there for code from elsewhere. */
  readonly records?: ReadonlyMap<MapDescriptor, readonly RecordLayout[]>;
  /** Of an iterator, the layout of what it writes to user space: none when it writes nothing. */
  readonly written?: readonly Layout[];
  /** The function it was compiled from, by which it is known; not there for code from elsewhere. */
  readonly body?: Program["body"];
  /** Programs that its program arrays list, and theirs, each once: what must be loaded with it. */
  readonly tails?: readonly CompiledProgram[];
  /** Where the program's function starts. */
  readonly position: Position;
}
