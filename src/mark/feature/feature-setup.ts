/** What one of IOAM's parts on a device is made from, and how its programs come into the kernel. */
import type { Attachment, Hook } from "../../bpf/attach/attachment.ts";
import type { TcOrder } from "../../bpf/attach/order.ts";
import { kernelBtf } from "../../bpf/btf/kernel-btf.ts";
import { loadAll, type Instance } from "../../bpf/instance.ts";
import type { LoadedProgram } from "../../bpf/loaded-program.ts";
import type { Shareable } from "../../bpf/maps/share.ts";
import type { Json } from "../../bpf/pin/meta.ts";
import { compile } from "../../compiler/compile.ts";
import type { KernelTypes } from "../../compiler/kernel-types.ts";
import { UnsupportedError } from "../../errors.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Program } from "../../kernel/program.ts";
import type { FeatureDevice } from "./feature.ts";
import { taiOffset } from "./tai-offset.ts";

export interface FeaturePrograms {
  readonly ingress?: Program<"tc">;
  readonly egress?: Program<"tc">;
  readonly xdp?: Program<"xdp">;
}

/** By the names of their pins. */
export type FeatureMaps = Readonly<Record<string, MapDescriptor>>;

export interface FeatureSetup {
  /** By the hook each is attached to. */
  readonly programs: FeaturePrograms;
  /**
   * At tracepoints, by the names of their pins. They are not replaced: a program of a name does the same whatever else is
   * changed, and one that does something else has another name.
   */
  readonly tracepoints?: Readonly<Record<string, Program<"tracepoint">>>;
  /** Among other programs at the hook, where a program is attached anew; `last` when not given. */
  readonly order?: { readonly ingress?: TcOrder; readonly egress?: TcOrder };
  /** How a program at XDP is attached. */
  readonly xdpMode?: "native" | "generic";
  /** Every map that outlives a change. */
  readonly maps: FeatureMaps;
  readonly options: Json;
  /** Fills maps before packets come. */
  readonly prepare?: (instance: Instance) => void;
}

export type FeatureProgram = Program<"tc"> | Program<"xdp"> | Program<"tracepoint">;

export const programsOf = ({ programs }: FeatureSetup): ReadonlyMap<Hook, FeatureProgram> => {
  const found = new Map<Hook, FeatureProgram>();
  for (const hook of ["xdp", "ingress", "egress"] as const) {
    const program = programs[hook];
    if (program !== undefined) found.set(hook, program);
  }
  return found;
};

/** All maps that are pinned, with the one that every feature has. */
export const mapsOf = (maps: FeatureMaps): FeatureMaps => ({ ...maps, tai_offset: taiOffset });

/** `share`: maps that are there already. */
export const loadSetup = (
  { maps, ...setup }: FeatureSetup,
  share: ReadonlyMap<MapDescriptor, Shareable> = new Map(),
): Instance =>
  // All of them, so that what is pinned does not depend on what the configuration folded away.
  loadPrograms(
    [...programsOf({ maps, ...setup }).values(), ...Object.values(setup.tracepoints ?? {})],
    share,
    Object.values(mapsOf(maps)),
  );

export const loadPrograms = (
  programs: readonly FeatureProgram[],
  share: ReadonlyMap<MapDescriptor, Shareable>,
  maps: readonly MapDescriptor[],
): Instance => {
  const types = kernelTypes();
  const compiled = programs.map((program) => compile(program, types === undefined ? {} : { kernelTypes: types }));
  return loadAll(compiled, { share, maps });
};

/** The loaded program for a hook. */
export const loadedFor = (instance: Instance, programs: ReadonlyMap<Hook, FeatureProgram>, hook: Hook): LoadedProgram =>
  instance.program(programs.get(hook)?.name ?? "");

export const attachTo = (
  { link, netns }: FeatureDevice,
  hook: Hook,
  program: LoadedProgram,
  { xdpMode = "native", order }: FeatureSetup,
  pin: string,
): Attachment => {
  const where = { ifindex: link.index, netns, name: link.name };
  return hook === "xdp"
    ? program.attachXdp(where, { mode: xdpMode, pin })
    : program.attachTc(where, { direction: hook, order: order?.[hook] ?? "last", pin });
};

/** What puts the setup's programs at their tracepoints, but those that are there already, by the names of their pins. */
export const tracepointsOf = (
  { tracepoints = {} }: FeatureSetup,
  instance: Instance,
  isThere: (name: string) => boolean = () => false,
): [name: string, attach: (pin: string) => Attachment][] =>
  Object.entries(tracepoints)
    .filter(([name]) => !isThere(name))
    .map(([name, program]) => [name, (pin) => instance.program(program.name).pinAtTracepoint(pin)]);

/** Without type information programs still run; what needs it (queue depth) is then not available. */
const kernelTypes = (): KernelTypes | undefined => {
  try {
    return kernelBtf();
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
};
