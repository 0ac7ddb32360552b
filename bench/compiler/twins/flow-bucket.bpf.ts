/**
 * A connection table whose buckets are cache lines: seven flows of 8 bytes each, and when each was last seen. Every entry is
 * read once and written once, whole, so that CPUs may race for it.
 */
import { Xdp, type XdpContext } from "../../../src/kernel/context.ts";
import { arrayMap, perCpuArrayMap, variable } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { array, be16, be32, header, struct, u32, u64, type TypeOf } from "../../../src/wire/layout.ts";
import { BothPorts, count, flowIn, withHash, type NoFlow } from "./flow.bpf.ts";
import type { Twin } from "./twin.ts";

const Outcome = { Known: 0, Inserted: 1, Evicted: 2, NotAFlow: 3, Malformed: 4 } as const;

const noFlow: NoFlow = { malformed: Outcome.Malformed, notAFlow: Outcome.NotAFlow };

const BUCKETS = 1 << 18;
const ENTRIES = 7;
const BACKENDS = 1000n;
/** Older than any that an entry can have. */
const NEVER_SEEN = 256;

/** An entry is a signature of 48 bits and a backend of 16; 0 is an empty one. Epoch i is byte i of `epochs`. */
const Bucket = struct("bucket", { entries: array(u64, ENTRIES), epochs: u64 });
/** A destination address that says the backend. */
const BackendMac = header("mac", "", { prefix: be32, backend: be16 });

const buckets = arrayMap(Bucket, { entries: BUCKETS, name: "buckets" });
const counters = perCpuArrayMap(u64, { entries: 5, name: "counters" });
/** User space counts it up; the low byte is the epoch. */
const now = variable(u32, 0, { name: "now" });

type BucketView = TypeOf<typeof Bucket>;

const touch = (bucket: BucketView, epochs: bigint, entry: number, epoch: number): void => {
  const shift = BigInt(entry * 8);
  const others = epochs & ~(0xffn << shift);
  const touched = others | (BigInt(epoch) << shift);
  if (touched !== epochs) bucket.epochs = BigInt.asUintN(64, touched);
};

/** Finds the flow, or remembers it in place of the entry that was not seen for longest, and shows `use` its backend. */
const findOrInsert = (bucket: BucketView, hash: bigint, epoch: number, use: (backend: number) => void): number => {
  const signature = hash >> 16n;
  const { epochs } = bucket;
  let oldest = -1;
  let victim = 0;
  for (let at = 0; at < ENTRIES; at++) {
    const entry = bucket.entries[at]!;
    if (entry !== 0n && entry >> 16n === signature) {
      touch(bucket, epochs, at, epoch);
      use(Number(entry & 0xffffn));
      return Outcome.Known;
    }
    const age = entry === 0n ? NEVER_SEEN : (epoch - Number((epochs >> BigInt(at * 8)) & 0xffn)) & 0xff;
    if (age > oldest) {
      oldest = age;
      victim = at;
    }
  }
  const backend = 1n + (((hash >> 48n) * BACKENDS) >> 16n);
  bucket.entries[victim] = (signature << 16n) | backend;
  touch(bucket, epochs, victim, epoch);
  use(Number(backend));
  return oldest === NEVER_SEEN ? Outcome.Inserted : Outcome.Evicted;
};

const forward = (ctx: XdpContext): number =>
  flowIn(ctx, BothPorts, noFlow, (ip, ports) =>
    withHash(ctx, ip, ports, noFlow, (hash) => {
      const destination = ctx.packet.at(BackendMac, 0);
      const bucket = buckets.lookup(Number(hash % BigInt(BUCKETS)));
      if (destination === null || bucket === null) return Outcome.Malformed;
      return findOrInsert(bucket, hash, now.value & 0xff, (backend) => {
        destination.prefix = 0x02000000;
        destination.backend = backend;
      });
    }),
  );

const program = xdp(
  (ctx) => {
    const outcome = forward(ctx);
    count(counters, outcome);
    if (outcome === Outcome.Malformed) return Xdp.Drop;
    return outcome === Outcome.NotAFlow ? Xdp.Pass : Xdp.Tx;
  },
  { name: "flow_bucket" },
);

export const flowBucket: Twin = { program, repeat: program, maps: { buckets, counters }, variables: { now } };
