/** How much waits in the queue a packet will leave by, read from the kernel's own structures. */
import type { Node } from "../../ssa/ir.ts";
import { U32_MAX } from "../../ssa/range.ts";
import { Label, bind, branch, jump } from "../flow.ts";
import type { Unit } from "../unit.ts";
import { statik, type Value } from "../values.ts";

const UNKNOWN = statik(Number(U32_MAX));

/** Qdiscs with this flag (`TCQ_F_CPUSTATS`) count per CPU; their own counter stays 0. */
const COUNTS_PER_CPU = 0x20;

const paths = [
  ["sk_buff", "dev"],
  ["net_device", "_tx"],
  ["net_device", "num_tx_queues"],
  ["netdev_queue", "qdisc"],
  ["Qdisc", "flags"],
  ["Qdisc", "qstats.backlog"],
] as const;

/** Bytes; all ones where the queue counts per CPU, or this kernel does not let a program look (no kfuncs, before 6.2). */
export const queueBacklog = (unit: Unit): Value => {
  const types = unit.options.kernelTypes;
  if (types === undefined || unit.type !== "tc") return UNKNOWN;
  const offsets = paths.map(([struct, path]) => types.field(struct, path)?.offsetBytes);
  const [device, queues, queueCount, qdiscOf, flagsAt, backlogAt] = offsets;
  const queueType = types.typeId("struct", "netdev_queue");
  const queueSize = types.size("netdev_queue");
  const callable = ["bpf_cast_to_kern_ctx", "bpf_rdonly_cast"].every(
    (name) => types.typeId("func", name) !== undefined,
  );
  if (
    device === undefined ||
    queues === undefined ||
    queueCount === undefined ||
    qdiscOf === undefined ||
    flagsAt === undefined
  )
    return UNKNOWN;
  if (backlogAt === undefined || queueType === undefined || queueSize === undefined || !callable) return UNKNOWN;

  const { builder } = unit;
  const pointer = (from: Node, offset: number): Node => builder.load(from, offset, 8, "btf");
  const skb = builder.kfunc("bpf_cast_to_kern_ctx", [builder.context]);
  const dev = pointer(skb, device);
  // The queue is chosen after this hook; a packet that came in may name one of another device.
  const wanted = builder.load(builder.context, 12, 4, "context");
  const count = builder.load(dev, queueCount, 4, "btf");
  const [inRange, beyond, chosen] = [new Label(unit), new Label(unit), new Label(unit)];
  branch(
    unit,
    { condition: "lt", left: wanted, right: count, width: 64, whenTrue: [], whenFalse: [] },
    inRange,
    beyond,
  );
  bind(unit, inRange);
  jump(unit, chosen, { kind: "integer", type: "number", node: wanted, low: 0n, high: U32_MAX, wrapped: false });
  bind(unit, beyond);
  jump(unit, chosen, statik(0));
  const index = bind(unit, chosen);
  if (index.kind !== "integer") throw new Error("a queue's number is an integer");
  const at = builder.binary("mul", index.node, builder.constant(queueSize));
  const queue = builder.kfunc("bpf_rdonly_cast", [
    builder.pointerAdd(pointer(dev, queues), at),
    builder.constant(queueType),
  ]);
  const qdisc = pointer(queue, qdiscOf);
  const flags = builder.binary("and", builder.load(qdisc, flagsAt, 4, "btf"), builder.constant(COUNTS_PER_CPU));
  const [own, perCpu, end] = [new Label(unit), new Label(unit), new Label(unit)];
  branch(
    unit,
    { condition: "eq", left: flags, right: builder.constant(0), width: 64, whenTrue: [], whenFalse: [] },
    own,
    perCpu,
  );
  bind(unit, own);
  jump(unit, end, {
    kind: "integer",
    type: "number",
    node: builder.load(qdisc, backlogAt, 4, "btf"),
    low: 0n,
    high: U32_MAX,
    wrapped: false,
  });
  bind(unit, perCpu);
  jump(unit, end, UNKNOWN);
  return bind(unit, end);
};
