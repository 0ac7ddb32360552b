/** A program of the comparison as a user of Hopmark would write it. */
import type { MapDescriptor, Variable } from "../../../src/kernel/maps.ts";
import type { Program } from "../../../src/kernel/program.ts";

export interface Twin {
  readonly program: Program<"xdp">;
  /** The same, and then undone where it changes its packet. */
  readonly repeat: Program<"xdp">;
  /** By the names of `bench/peers/README.md`. */
  readonly maps: Readonly<Record<string, MapDescriptor>>;
  readonly variables?: Readonly<Record<string, Variable<number> | Variable<bigint>>>;
}
