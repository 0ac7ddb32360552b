/** Filters of the clsact qdisc whose process was killed: links end with their process, filters do not. */
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { type BpfFilter, deleteFilter } from "../../linux/rtnetlink/traffic-control.ts";
import type { Device } from "./attachment.ts";
import { ON_OWN_QDISC } from "./clsact.ts";
import { allFilters, deleteClsactIfEmpty } from "./clsact-qdisc.ts";

/** How many filters the device has of programs with these names, whoever attached them. */
export const countFilters = (device: Device, names: readonly string[]): number => {
  const route = openRtnetlink(device.netns);
  try {
    return allFilters(route, device.ifindex).filter((filter) => isNamed(filter, names)).length;
  } finally {
    route.close();
  }
};

/** Takes them off, and the qdisc where Hopmark made it and nothing else is on it. Returns how many there were. */
export const deleteFilters = (device: Device, names: readonly string[]): number => {
  const route = openRtnetlink(device.netns);
  try {
    const found = allFilters(route, device.ifindex).filter((filter) => isNamed(filter, names));
    for (const filter of found) deleteFilter(route, filter);
    if (found.some(({ name }) => name?.endsWith(ON_OWN_QDISC))) deleteClsactIfEmpty(route, device);
    return found.length;
  } finally {
    route.close();
  }
};

const isNamed = ({ name }: BpfFilter, names: readonly string[]): boolean =>
  name !== undefined && names.includes(name.replace(ON_OWN_QDISC, ""));
