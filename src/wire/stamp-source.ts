/** Where the time of a packet that was copied comes from. */
export const StampSource = {
  /** The clock, read in the program. */
  Clock: 0,
  /** The packet's own time (`skb->tstamp`), which the kernel or the driver gave it. */
  Packet: 1,
  /** The NIC's clock. */
  Hardware: 2,
  /** The clock, read when the packet was handed over to the driver (`net_dev_start_xmit`). */
  Driver: 3,
} as const;
export const stampSourceNames: readonly string[] = ["clock", "packet", "hardware", "driver"];
