/**
 * Sets one of the parts of IOAM, or of a pval device, up on a device: programs, the maps they share, and what they were made from, pinned so that they
 * outlive the command. Changing it means compiling programs for the new configuration and putting them in the places
 * of the old ones, each at once, while counters and ring stay.
 */
import type { Attachment } from "../../bpf/attach/attachment.ts";
import { createPins } from "../../bpf/pin/registry.ts";
import { changeFeature } from "./change-feature.ts";
import {
  attachTo,
  loadedFor,
  loadSetup,
  mapsOf,
  programsOf,
  tracepointsOf,
  type FeatureMaps,
  type FeatureSetup,
} from "./feature-setup.ts";
import { findFeature, placeOf, taiLessWallClockNs, type FeatureDevice, type FeatureName } from "./feature.ts";
import { taiOffset } from "./tai-offset.ts";

/** Sets the feature up, or changes it when it is there. `mapsBefore`: what it had, where that was not the same. */
export const applyFeature = (
  device: FeatureDevice,
  feature: FeatureName,
  setup: FeatureSetup,
  mapsBefore: FeatureMaps = setup.maps,
): void => {
  const existing = findFeature(device, feature);
  try {
    if (existing === undefined) create(device, feature, setup);
    else changeFeature(device, existing, setup, mapsBefore);
  } finally {
    existing?.close();
  }
};

const create = (device: FeatureDevice, feature: FeatureName, setup: FeatureSetup): void => {
  const instance = loadSetup(setup);
  const programs = programsOf(setup);
  try {
    instance.map(taiOffset).value = taiLessWallClockNs();
    setup.prepare?.(instance);
    const attachments = [...programs.keys()].map((hook) => {
      const attach = (pin: string): Attachment =>
        attachTo(device, hook, loadedFor(instance, programs, hook), setup, pin);
      return [hook, attach] as const;
    });
    createPins(placeOf(device, feature), {
      attachments: Object.fromEntries([...tracepointsOf(setup, instance), ...attachments]),
      maps: mapsOf(setup.maps),
      raw: (descriptor) => instance.rawMap(descriptor),
      options: setup.options,
    });
  } finally {
    instance.close();
  }
};
