/** Programs that go on as other programs: tail calls. */
import { HopmarkError } from "../errors.ts";
import { indexElement, type MapDescriptor, type MapOptions } from "./maps.ts";
import { madeWith, type Program, type ProgramType } from "./program.ts";
import { runtime } from "./runtime.ts";

/** How many programs a program array holds, and what it is called. */
export interface ProgramArrayOptions<T extends ProgramType> extends Partial<MapOptions> {
  /** Indexes and what is loaded together with the array and put in there: a list, or an object with numbers as keys. */
  readonly programs?: Readonly<Record<number, Program<T>>>;
}

/** Programs by index. All are made alike, as the programs that call them: of one type, and for XDP all with frags or none. */
export class ProgramArray<T extends ProgramType = ProgramType> implements MapDescriptor {
  readonly kind = "map";
  readonly type = "prog_array";
  readonly name: string;
  readonly keyElement = indexElement;
  readonly valueLayout = null;
  readonly keySize = 4;
  readonly valueSize = 4;
  readonly entries: number;
  readonly flags = 0;
  readonly initial = undefined;
  /** What it starts with. */
  readonly programs: ReadonlyMap<number, Program<T>>;

  constructor(name: string, entries: number, programs: ReadonlyMap<number, Program<T>>) {
    this.name = name;
    this.entries = entries;
    this.programs = programs;
  }

  /**
   * Goes on as the program at `index`, which gets the same packet and returns in this one's place: it does not come back.
   * Where no program is, and after 33 tail calls for one packet, this program goes on behind the call; views of the packet
   * are stale then. Records of rings must be submitted or discarded before.
   *
   *     parsers.tailCall(ctx, ethernet.etherType === 0x86dd ? 6 : 4);
   *     return Xdp.Pass; // nobody is there
   */
  tailCall(context: object, index: number): void {
    runtime().tailCall(this, context, index);
  }
}

/**
 * An array of programs for tail calls. What `programs` lists is compiled and loaded with any program that calls it; user space
 * can put others in. The kernel empties it when the last handle and pin of it in user space is gone.
 *
 *     export const parsers = programArray({ entries: 8, programs: { 4: parseIpv4, 6: parseIpv6 } });
 *
 * Throws HopmarkError `program-type` for programs of different types, for XDP programs with frags and without in one array, and
 * `out-of-range`.
 */
export const programArray = <T extends ProgramType = ProgramType>(options: ProgramArrayOptions<T>): ProgramArray<T> => {
  const { name = "prog_array", programs = {} } = options;
  const listed = new Map(
    Object.entries(programs).map(([index, program]): [number, Program<T>] => [Number(index), program]),
  );
  const entries = options.entries ?? Math.max(0, ...listed.keys()) + 1;
  const [first] = listed.values();
  for (const [index, program] of listed) {
    if (!Number.isInteger(index) || index < 0 || index >= entries) {
      throw new HopmarkError("out-of-range", `program array ${name} has indexes 0 to ${entries - 1}, not ${index}`);
    }
    if (first === undefined || madeWith(program) === madeWith(first)) continue;
    throw new HopmarkError(
      "program-type",
      `program array ${name} lists ${first.name}, made with ${madeWith(first)}, and ${program.name}, made with ${madeWith(program)}`,
      { hint: oneKind(first.type === program.type) },
    );
  }
  return new ProgramArray(name, entries, listed);
};

/** What to do about programs that one array cannot have together; `isSameType`: they differ in how they were made alone. */
export const oneKind = (isSameType: boolean): string =>
  isSameType
    ? "programs of one array, and those that call them, take frags, or egress, all or none: give each of them { frags: true } or { egress: true }, or make an array for each kind"
    : "programs of one array, and those that call them, must be of one type: make an array for each";
