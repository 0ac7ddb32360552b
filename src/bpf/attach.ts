import { compile } from "../compiler/compile.ts";
import type { MapDescriptor } from "../kernel/maps.ts";
import type { Program, ProgramType } from "../kernel/program.ts";
import { type AttachmentOf, openPlace, type OpenPlace, type PlaceOf } from "./attach/place.ts";
import { compileForHere, loadHere } from "./compile-and-load.ts";
import { load, type LoadOptions } from "./instance.ts";
import type { LoadedProgram } from "./loaded-program.ts";
import type { HandleOf } from "./maps/handles.ts";

/** What {@link attach} takes for a type of program: where it goes, and what loading it takes. */
export type AttachOptions<T extends ProgramType> = PlaceOf<T> & LoadOptions;

/**
 * Compiles a program, loads it and attaches it: all of it or nothing. What runs ends with `close()`, or with this process.
 *
 *     const running = attach(countSources, { device: "eth0" });
 *     running.map(sources).get({ address });
 *     running.close();
 *
 * An interface may lie in another network namespace: `attach(program, { device: "eth0", netns: "athos" })`.
 * @throws HopmarkError `no-device` or `no-netns`, before anything else; CompileError; VerifierError; UnsupportedError;
 *   PermissionError; and what the hook refuses, `busy` for one
 */
export const attach = <T extends ProgramType>(
  program: Program<T>,
  ...[options]: object extends PlaceOf<T> ? [options?: AttachOptions<T>] : [options: AttachOptions<T>]
): Running<T> => {
  const own = (options ?? {}) as AttachOptions<T>;
  const place = openPlace(program.type, own);
  let loaded: LoadedProgram | undefined;
  try {
    loaded = compileAndLoad(program, own);
    return new Running(loaded, place.attach(loaded), place);
  } catch (error) {
    loaded?.close();
    place.close();
    throw error;
  }
};

const compileAndLoad = (program: Program, options: LoadOptions): LoadedProgram => {
  const { types } = options;
  if (types === undefined) return loadHere(program, compileForHere(program), options);
  return load(compile(program, { kernelTypes: types }), options);
};

/** A program at work, from {@link attach}. */
export class Running<T extends ProgramType = ProgramType> {
  readonly program: LoadedProgram;
  readonly attachment: AttachmentOf<T>;
  readonly #place: OpenPlace<AttachmentOf<T>>;

  /** Takes them over. */
  constructor(program: LoadedProgram, attachment: AttachmentOf<T>, place: OpenPlace<AttachmentOf<T>>) {
    this.program = program;
    this.attachment = attachment;
    this.#place = place;
  }

  /** The typed handle of a map the program uses. HopmarkError for a map that it does not. */
  map<D extends MapDescriptor>(descriptor: D): HandleOf<D> {
    return this.program.map(descriptor);
  }

  /** Ends it, unless the attachment was pinned, and gives program and maps back. Twice is fine. */
  close(): void {
    this.attachment.close();
    this.program.close();
    this.#place.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
