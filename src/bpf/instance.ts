/** Compiled programs made into kernel objects: type information, maps, programs. All of them, or none. */
import type { KernelTypes } from "../compiler/kernel-types.ts";
import { btfOf } from "../compiler/kept/btf-of.ts";
import type { ProgramBtf } from "../compiler/object/btf.ts";
import type { CompiledProgram } from "../compiler/program.ts";
import { HopmarkError } from "../errors.ts";
import { withTails } from "../compiler/tails.ts";
import type { MapDescriptor } from "../kernel/maps.ts";
import { kernelBtf } from "./btf/kernel-btf.ts";
import { fillSlots } from "./fill-slots.ts";
import { loadBtf } from "./load-btf.ts";
import { LoadedProgram } from "./loaded-program.ts";
import type { HandleOf } from "./maps/handles.ts";
import type { KernelMap } from "./maps/kernel-map.ts";
import { MapSet } from "./maps/map-set.ts";
import type { Shareable } from "./maps/share.ts";
import { loadProgram } from "./program.ts";
import { requireLikeCallers } from "./tail-callers.ts";
import type { Descriptor } from "./sys/descriptor.ts";
import type { VerifierLogRequest } from "./verifier/statistics.ts";

/** What programs are loaded with. */
export interface LoadOptions {
  /** Handles of maps that exist already, in place of new maps. They must be declared alike (`map-mismatch`). */
  readonly share?: ReadonlyMap<MapDescriptor, Shareable>;
  /** Maps to make, or take from `share`, even where no program's code names them any more. */
  readonly maps?: readonly MapDescriptor[];
  /** The kernel's types, for kernel functions; read from the running kernel when a program needs them. */
  readonly types?: KernelTypes;
  /** What the verifier writes of each program that it takes. */
  readonly verifierLog?: VerifierLogRequest;
}

/**
 * Loads one program, its maps, and the programs that its program arrays list.
 * @throws VerifierError when the kernel refuses it, UnsupportedError, PermissionError, and HopmarkError for maps
 */
export const load = (compiled: CompiledProgram, options: LoadOptions = {}): LoadedProgram => {
  const instance = loadAll([compiled], options);
  const [descriptor] = instance.descriptors;
  if (descriptor === undefined) throw new Error("unreachable: one program in, one out");
  return new LoadedProgram(compiled, descriptor, instance.maps, () => instance.close());
};

/**
 * Loads programs that belong together: a descriptor that several of them name is one kernel map. Behind the given programs come
 * those that their program arrays list.
 * @throws HopmarkError `program-type` when programs made differently call through one array
 */
export const loadAll = (given: readonly CompiledProgram[], options: LoadOptions = {}): Instance => {
  const programs = withTails(given);
  requireLikeCallers(programs);
  const maps = new MapSet();
  const descriptors: Descriptor[] = [];
  const types = (): KernelTypes => options.types ?? kernelBtf();
  try {
    for (const compiled of programs) {
      const info = btfOf(compiled);
      const btf = loadBtf(info.btf, `program ${compiled.name}`);
      try {
        addMaps(maps, compiled, info, btf, options);
        const mapFd = (map: MapDescriptor): number => maps.raw(map).fd;
        descriptors.push(
          loadProgram(compiled, { mapFd, types, btf: { fd: btf.fd, info }, verifierLog: options.verifierLog }),
        );
      } finally {
        btf.close();
      }
    }
    for (const map of options.maps ?? []) maps.add(map, undefined, options.share?.get(map));
    fillSlots(maps, programs, descriptors);
  } catch (error) {
    for (const descriptor of descriptors) descriptor.close();
    maps.close();
    throw error;
  }
  return new Instance(programs, descriptors, maps);
};

const addMaps = (
  maps: MapSet,
  compiled: CompiledProgram,
  info: ProgramBtf,
  btf: Descriptor,
  options: LoadOptions,
): void => {
  for (const map of compiled.maps) {
    const types = info.mapTypeIds.get(map) ?? { key: 0, value: 0 };
    maps.add(map, { fd: btf.fd, types }, options.share?.get(map));
  }
};

/** Programs loaded together, and their maps. */
export class Instance {
  readonly programs: readonly LoadedProgram[];
  readonly descriptors: readonly Descriptor[];
  readonly maps: MapSet;

  constructor(compiled: readonly CompiledProgram[], descriptors: readonly Descriptor[], maps: MapSet) {
    this.programs = descriptors.map((descriptor, index) => {
      const own = compiled[index];
      if (own === undefined) throw new Error("unreachable: a descriptor for each program");
      return new LoadedProgram(own, descriptor, maps, () => {});
    });
    this.descriptors = descriptors;
    this.maps = maps;
  }

  /** The program with this name. */
  program(name: string): LoadedProgram {
    const found = this.programs.find((program) => program.name === name);
    if (found !== undefined) return found;
    const names = this.programs.map((program) => program.name).join(", ");
    throw new HopmarkError("no-program", `there is no program ${name} here, but ${names}`);
  }

  /** The typed handle of a map that one of the programs uses. */
  map<D extends MapDescriptor>(descriptor: D): HandleOf<D> {
    return this.maps.handle(descriptor);
  }

  /** The same as bytes. */
  rawMap(descriptor: MapDescriptor): KernelMap {
    return this.maps.raw(descriptor);
  }

  /** Gives programs and maps back; attachments and pins keep what they need. Twice is fine. */
  close(): void {
    for (const descriptor of this.descriptors) descriptor.close();
    this.maps.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
