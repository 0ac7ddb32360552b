/**
 * Puts another setup in the place of one that is at work, under traffic. Programs in hooks that both have are replaced at once.
 * A hook that comes is taken by an idle program first: what cannot be attached then changes nothing, and what takes long is over.
 * One hook's program goes idle before the other's begins, so that no trace gets two entries; between these two system calls
 * packets pass without one.
 */
import type { Attachment, Hook } from "../../bpf/attach/attachment.ts";
import type { Instance } from "../../bpf/instance.ts";
import type { Shareable } from "../../bpf/maps/share.ts";
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import {
  attachTo,
  loadedFor,
  loadPrograms,
  loadSetup,
  mapsOf,
  programsOf,
  tracepointsOf,
  type FeatureMaps,
  type FeatureSetup,
} from "./feature-setup.ts";
import { taiLessWallClockNs, type FeatureDevice } from "./feature.ts";
import { idleTc, idleXdp } from "./idle.bpf.ts";
import { taiOffset } from "./tai-offset.ts";

const hooks: readonly Hook[] = ["xdp", "ingress", "egress"];

/** `mapsBefore`: what is pinned, less what the new setup has alone. HopmarkError `layout-mismatch` when it is not. */
export const changeFeature = (
  device: FeatureDevice,
  existing: PinnedSet,
  setup: FeatureSetup,
  mapsBefore: FeatureMaps,
): void => {
  const maps = mapsOf(setup.maps);
  const before = mapsOf(mapsBefore);
  existing.checkLayouts(before);
  const share = new Map<MapDescriptor, Shareable>();
  for (const [name, map] of Object.entries(maps)) if (before[name] === map) share.set(map, existing.map(name, map));
  const programs = programsOf(setup);
  const had = (hook: Hook): boolean => Object.hasOwn(existing.attachments, hook);
  const coming = hooks.filter((hook) => programs.has(hook) && !had(hook));
  const going = hooks.filter((hook) => !programs.has(hook) && had(hook));
  const instance = loadSetup(setup, share);
  const idle = new Idle(setup);
  const isGoing = (name: string): boolean =>
    existing.attachments[name]?.hook === "tracepoint"
      ? !Object.hasOwn(setup.tracepoints ?? {}, name)
      : going.some((hook) => hook === name);
  let arrived = new Map<string, Attachment>();
  const present: Attachment[] = [];
  const open = (hook: Hook): Attachment[] => {
    const attachment = existing.attachment(hook);
    if (attachment === undefined) return [];
    present.push(attachment);
    return [attachment];
  };
  try {
    instance.map(taiOffset).value = taiLessWallClockNs();
    setup.prepare?.(instance);
    const made = Object.entries(maps).filter(([, map]) => !share.has(map));
    arrived = existing.stage(Object.fromEntries(made.map(([name, map]) => [name, instance.rawMap(map)])), [
      ...tracepointsOf(setup, instance, (name) => Object.hasOwn(existing.attachments, name)),
      ...coming.map((hook) => [hook, (pin: string) => attachTo(device, hook, idle.program(hook), setup, pin)] as const),
    ]);
    for (const hook of programs.keys())
      if (had(hook)) for (const attachment of open(hook)) attachment.replace(loadedFor(instance, programs, hook));
    const leaving = going.flatMap((hook) => open(hook).map((attachment) => ({ hook, attachment })));
    for (const { hook, attachment } of leaving) attachment.replace(idle.program(hook));
    for (const hook of coming) arrived.get(hook)?.replace(loadedFor(instance, programs, hook));
    existing.settle({ maps, attachments: notedOf(existing, isGoing, arrived), options: setup.options });
    for (const { attachment } of leaving) attachment.detach();
  } catch (error) {
    for (const attachment of arrived.values()) attachment.detach();
    throw error;
  } finally {
    for (const attachment of [...present, ...arrived.values()]) attachment.close();
    idle.close();
    instance.close();
  }
};

const notedOf = (
  existing: PinnedSet,
  isGoing: (name: string) => boolean,
  arrived: ReadonlyMap<string, Attachment>,
): PinnedSet["attachments"] =>
  Object.fromEntries([
    ...Object.entries(existing.attachments).filter(([name]) => !isGoing(name)),
    ...[...arrived].map(([name, { hook, mechanism }]) => [name, { hook, mechanism }] as const),
  ]);

/** Programs that leave packets be, loaded when they are needed. */
class Idle {
  readonly #frags: boolean;
  #instance: Instance | undefined;

  constructor({ programs }: FeatureSetup) {
    this.#frags = programs.xdp?.purpose.frags === true;
  }

  program(hook: Hook): ReturnType<Instance["program"]> {
    this.#instance ??= loadPrograms([idleTc, idleXdp(this.#frags)], new Map(), []);
    return this.#instance.program(hook === "xdp" ? "ioam_idle_xdp" : "ioam_idle_tc");
  }

  close(): void {
    this.#instance?.close();
  }
}
