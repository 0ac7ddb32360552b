/**
 * What a program cannot compute from its packet, its maps and its configuration. A test build reads it from a map with
 * one value of this layout, `simulate()` from an object of the same shape; in a real build each field is the kernel's
 * own helper.
 */
import {
  i32,
  ipv4Address,
  ipv6Address,
  macAddress,
  nested,
  struct,
  u16,
  u32,
  u64,
  type TypeOf,
} from "../wire/layout.ts";

/** What every `fibLookup` answers in a test build; `simulate()` takes it from `environment.routes`. */
export const EnvironmentRoute = struct("environment route", {
  code: i32,
  ifindex: u32,
  metric: u32,
  mtu: u16,
  sourceMac: macAddress,
  destinationMac: macAddress,
  nextHop4: ipv4Address,
  nextHop6: ipv6Address,
});

/**
 * What a program cannot compute from its packet, its maps and its configuration, as a value of a map. Times are in ns,
 * the backlog in bytes.
 */
export const Environment = struct("environment", {
  monotonicNs: u64,
  taiNs: u64,
  objectAddress: u64,
  cpu: u32,
  random: u32,
  egressBacklog: u32,
  route: nested(EnvironmentRoute),
});

/** No route at all (`Fib.NotFwded`). */
export const noRoute = {
  code: 4,
  ifindex: 0,
  metric: 0,
  mtu: 0,
  sourceMac: "00:00:00:00:00:00",
  destinationMac: "00:00:00:00:00:00",
  nextHop4: "0.0.0.0",
  nextHop6: "::",
} as TypeOf<typeof EnvironmentRoute>;
