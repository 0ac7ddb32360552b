import { setElement, type Sample, type Spec } from "../spec.ts";
import { hashOfFrame } from "./flow-hash.ts";
import { arp, changed, Drop, FRAGMENT_AT, IP_AT, L4_AT, Pass, PROTOCOL_AT, tcp4, Tx, udp6 } from "./packets.ts";

const KNOWN = 0;
const INSERTED = 1;
const EVICTED = 2;
const NOT_A_FLOW = 3;
const MALFORMED = 4;

const BUCKETS = 1 << 18;
const BACKENDS = 1000n;
const EMPTY = 0n;
const NOW = 0x305;
const EPOCH = NOW & 255;

const hash = hashOfFrame(tcp4);
const index = Number(hash % BigInt(BUCKETS));
const signature = hash >> 16n;
const chosen = 1n + (((hash >> 48n) * BACKENDS) >> 16n);
const own = (backend: bigint): bigint => (signature << 16n) | backend;
/** An entry of some other flow. */
const other = (number: number): bigint => (BigInt(number) << 40n) | 0x0007n;
const others = [1, 2, 3, 4, 5, 6, 7].map(other);

/** `struct bucket`. */
const bucket = (entries: readonly bigint[], epochs: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  entries.forEach((entry, at) => view.setBigUint64(at * 8, entry, true));
  bytes.set(epochs, 56);
  return bytes;
};

const sent = (backend: bigint): Uint8Array =>
  changed(tcp4, 0, 2, 0, 0, 0, Number(backend >> 8n), Number(backend & 255n));

const found = (
  name: string,
  outcome: number,
  backend: bigint,
  before: readonly [entries: readonly bigint[], epochs: readonly number[]],
  after: readonly [entries: readonly bigint[], epochs: readonly number[]],
): Sample => ({
  name,
  packet: tcp4,
  before: (contestant) => {
    setElement(contestant.map("buckets"), index, bucket(...before));
    contestant.setVariable("now", BigInt(NOW));
  },
  verdict: Tx,
  after: sent(backend),
  counts: { [outcome]: [1] },
  values: [{ map: "buckets", key: index, value: bucket(...after) }],
});

const replaced = <T>(values: readonly T[], at: number, value: T): T[] =>
  values.map((old, i) => (i === at ? value : old));
/** Seen 5, 4, 9, 9, 1, 0 and 3 epochs ago. */
const seen = [5, 4, 9, 9, 1, 0, 3].map((age) => (EPOCH - age) & 255);

export const flowBucket: Spec = {
  name: "flow-bucket",
  program: "flow_bucket",
  repeat: "flow_bucket",
  samples: [
    found(
      "a known flow",
      KNOWN,
      0x0201n,
      [replaced(others, 3, own(0x0201n)), replaced(seen, 3, EPOCH)],
      [replaced(others, 3, own(0x0201n)), replaced(seen, 3, EPOCH)],
    ),
    found(
      "a known flow in a new epoch",
      KNOWN,
      0x0201n,
      [replaced(others, 6, own(0x0201n)), seen],
      [replaced(others, 6, own(0x0201n)), replaced(seen, 6, EPOCH)],
    ),
    found("an empty bucket", INSERTED, chosen, [[], []], [[own(chosen)], [EPOCH]]),
    found(
      "the first empty entry",
      INSERTED,
      chosen,
      [replaced(replaced(others, 2, EMPTY), 4, EMPTY), seen],
      [replaced(replaced(others, 2, own(chosen)), 4, EMPTY), replaced(seen, 2, EPOCH)],
    ),
    found(
      "the first of the oldest",
      EVICTED,
      chosen,
      [others, seen],
      [replaced(others, 2, own(chosen)), replaced(seen, 2, EPOCH)],
    ),
    found(
      "all seen just now",
      EVICTED,
      chosen,
      [others, Array.from({ length: 7 }, () => EPOCH)],
      [replaced(others, 0, own(chosen)), Array.from({ length: 7 }, () => EPOCH)],
    ),
    { name: "a fragment", packet: changed(tcp4, FRAGMENT_AT, 0x20), verdict: Pass, counts: { [NOT_A_FLOW]: [1] } },
    { name: "ICMP", packet: changed(tcp4, PROTOCOL_AT, 1), verdict: Pass, counts: { [NOT_A_FLOW]: [1] } },
    { name: "IPv6", packet: udp6, verdict: Pass, counts: { [NOT_A_FLOW]: [1] } },
    { name: "ARP", packet: arp, verdict: Pass, counts: { [NOT_A_FLOW]: [1] } },
    { name: "IHL 4", packet: changed(tcp4, IP_AT, 0x44), verdict: Drop, counts: { [MALFORMED]: [1] } },
    { name: "cut in the ports", packet: tcp4.slice(0, L4_AT + 3), verdict: Drop, counts: { [MALFORMED]: [1] } },
  ],
};
