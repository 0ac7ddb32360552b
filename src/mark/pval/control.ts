/** pval devices on this machine: what commands and other programs call. */
import {
  addDevice,
  changeDevice,
  deviceNamed,
  removeDevice,
  withPlace,
  type AddRequest,
  type PvalReport,
  type SetRequest,
} from "./devices.ts";

export { optionsText, switchNames, type PvalOptions, type SwitchName } from "./options.ts";
export { showDevices, type PvalStatus } from "./show.ts";
export { openCopies, type OpenCopies } from "./copies.ts";
export type { OpenRing } from "./claimed-ring.ts";
export type { CopyCounts } from "./copy-counts.ts";
export type { AddRequest, PvalReport, SetRequest } from "./devices.ts";

/** Makes a pval device, in a network namespace by NAME, PATH or PID; the caller's own without one. */
export const addPval = (request: AddRequest, netns?: string): PvalReport =>
  withPlace(netns, (place) => addDevice(place, request));

/** Changes its options while packets flow. */
export const setPval = (request: SetRequest, netns?: string): PvalReport =>
  withPlace(netns, (place) => changeDevice(place, request));

/** Removes it, whatever there is of it, and puts back what it changed. */
export const deletePval = (name: string, netns?: string): void =>
  withPlace(netns, (place) => removeDevice(place, deviceNamed(place, name)));
