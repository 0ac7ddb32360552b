/** A node with a name for every value, so that a wrong field shows. */
import type { EncapRule } from "../encap/rule.ts";
import type { IoamInterface, IoamNamespace, IoamNode } from "../node.ts";

export const schema = { id: 0x070707, words: [0x616e7974, 0x68696e67, 0x21210000] } as const;

export const namespaces = {
  plain: { id: 123, data: 0xdeadbeef, dataWide: 0xdeadbeefcafedecan, schema: null },
  withSchema: { id: 7, data: 0x01020304, dataWide: 0x05060708090a0b0cn, schema },
  bare: { id: 0, data: 0xffff_ffff, dataWide: 0xffff_ffff_ffff_ffffn, schema: null },
} as const satisfies Record<string, IoamNamespace>;

export const node: IoamNode = {
  id: 0x0a0b0c,
  idWide: 0x1a1b1c1d1e1f20n,
  namespaces: Object.values(namespaces),
};

export const device: IoamInterface = { id: 0x2122, idWide: 0x3132_3334, network: 14 };

/** db02::/64, every packet, 48 bytes of type 0xf00000. */
export const rule = (changes: Partial<EncapRule> = {}): EncapRule => ({
  prefix: { high: 0xdb02_0000_0000_0000n, low: 0n, highMask: 0xffff_ffff_ffff_ffffn, lowMask: 0n },
  traceType: 0xf00000,
  namespace: namespaces.plain,
  size: 48,
  frequency: { packets: 1, of: 1 },
  mode: "inline",
  tunnel: null,
  slot: 0,
  // Each slot has settings of its own.
  profile: changes.slot ?? 0,
  ...changes,
});

/** 2026-11-21 00:21:03.123456789 UTC on a machine whose TAI is 37 s ahead. */
export const TAI_OFFSET = 37_000_000_000n;
export const SECONDS = 1_795_220_463;
export const MICROSECONDS = 123_456;
export const clock = {
  taiNs: BigInt(SECONDS) * 1_000_000_000n + 123_456_789n + TAI_OFFSET,
  monotonicNs: 4_000_000_000_123n,
  egressBacklog: 0x41424344,
} as const;
