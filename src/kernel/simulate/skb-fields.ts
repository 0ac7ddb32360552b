/** Fields of `struct __sk_buff` that every kind of program sees. */
export interface SkbFields {
  readonly ifindex: number;
  readonly mark: number;
  readonly priority: number;
  /** EtherType. */
  readonly protocol: number;
  readonly ingressIfindex: number;
  readonly packetType: number;
  readonly queueMapping: number;
  readonly vlanPresent: number;
  readonly gsoSegments: number;
  readonly gsoSize: number;
  readonly timestamp: bigint;
}

export const WRITABLE_SKB_FIELDS = ["mark", "priority"] as const satisfies readonly (keyof SkbFields)[];

/** Those of a frame that came in by the loopback interface, as TEST_RUN pretends. */
export const skbDefaults = (frame: Uint8Array): SkbFields => ({
  ifindex: 1,
  mark: 0,
  priority: 0,
  protocol: etherTypeOf(frame),
  ingressIfindex: 0,
  packetType: packetType(frame),
  queueMapping: 0,
  vlanPresent: 0,
  gsoSegments: 0,
  gsoSize: 0,
  timestamp: 0n,
});

/** What the kernel calls an IEEE 802.3 frame, with a length in place of an EtherType. */
const NOVELL_RAW = 1;
const LLC = 4;

/** What the kernel takes for the frame's EtherType. */
export const etherTypeOf = (frame: Uint8Array): number => {
  const [high = 0, low = 0, first = 0, second = 0] = frame.subarray(12);
  const type = high * 256 + low;
  if (type >= 0x600) return type;
  return first === 0xff && second === 0xff ? NOVELL_RAW : LLC;
};

/** PACKET_HOST, PACKET_MULTICAST or PACKET_OTHERHOST, for an interface whose address is all zero. */
const packetType = (frame: Uint8Array): number => {
  const destination = frame.subarray(0, 6);
  if (destination.every((byte) => byte === 0)) return 0;
  return ((destination[0] ?? 0) & 1) === 1 ? 2 : 3;
};
