/** Whether this kernel lets programs see packets being handed over to drivers. */
import { kernelBtf } from "../../bpf/btf/kernel-btf.ts";
import type { KernelTypes } from "../../compiler/kernel-types.ts";
import { UnsupportedError } from "../../errors.ts";

const TRACEPOINTS = ["net_dev_start_xmit", "kfree_skb"];

/** UnsupportedError, before anything is changed. `types`: the kernel's own. */
export const refuseWithoutHandover = (types: () => Pick<KernelTypes, "typeId"> = kernelBtf): void => {
  const missing = TRACEPOINTS.find((name) => known(types)?.typeId("typedef", `btf_trace_${name}`) === undefined);
  if (missing === undefined) return;
  throw new UnsupportedError("txtstamp", `txtstamp: programs of this kernel do not see its tracepoint ${missing}`, {
    hint: "take a kernel with CONFIG_DEBUG_INFO_BTF, or leave txtstamp off: copies of sent packets have the time at which they are made",
  });
};

const known = (types: () => Pick<KernelTypes, "typeId">): Pick<KernelTypes, "typeId"> | undefined => {
  try {
    return types();
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
};
