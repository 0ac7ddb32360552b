/** What the kernel knows of a packet's checksum, read from its own structure. */
import type { Unit } from "../unit.ts";
import { statik, type Value } from "../values.ts";

const CHECKSUM_PARTIAL = 3;

/** True where this kernel does not let a program look (no kfuncs, before 6.2): such kernels leave nothing but that to a device. */
export const checksumPartial = (unit: Unit): Value => {
  const types = unit.options.kernelTypes;
  const field = types?.bitField("sk_buff", "ip_summed");
  if (field === undefined || types?.typeId("func", "bpf_cast_to_kern_ctx") === undefined) return statik(true);
  const { builder } = unit;
  const skb = builder.kfunc("bpf_cast_to_kern_ctx", [builder.context]);
  const byte = builder.load(skb, field.bitOffset >> 3, 1, "btf");
  const shifted = builder.binary("shr", byte, builder.constant(field.bitOffset & 7));
  const value = builder.binary("and", shifted, builder.constant((1 << field.bitFieldBits) - 1));
  return {
    kind: "boolean",
    test: {
      condition: "eq",
      left: value,
      right: builder.constant(CHECKSUM_PARTIAL),
      width: 64,
      whenTrue: [],
      whenFalse: [],
    },
  };
};
