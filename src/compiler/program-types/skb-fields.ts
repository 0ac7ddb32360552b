import type { ContextField } from "./program-type.ts";

/** Fields of `struct __sk_buff` that every kind of program may use. */
export const skbFields = {
  packetType: { offset: 4, size: 4 },
  mark: { offset: 8, size: 4, writable: true },
  queueMapping: { offset: 12, size: 4 },
  protocol: { offset: 16, size: 4, swapped: 16 },
  vlanPresent: { offset: 20, size: 4 },
  priority: { offset: 32, size: 4, writable: true },
  ingressIfindex: { offset: 36, size: 4 },
  ifindex: { offset: 40, size: 4 },
  timestamp: { offset: 152, size: 8 },
  gsoSegments: { offset: 164, size: 4 },
  gsoSize: { offset: 176, size: 4 },
} as const satisfies Readonly<Record<string, ContextField>>;

export const SKB_PACKET = { data: 76, end: 80 } as const;
