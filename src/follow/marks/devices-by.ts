/** By what devices that mark are told apart: a mark says CPU and number, not whose. */
export const devicesBy = ["mac", "source", "none"] as const;
/** One of {@link devicesBy}. */
export type DevicesBy = (typeof devicesBy)[number];
