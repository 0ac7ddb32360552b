/** What this kernel can do for Hopmark, found by trying. */
import { existsSync } from "node:fs";
import { mapsBtf } from "../compiler/object/btf.ts";
import { arrayMap } from "../kernel/maps.ts";
import type { ProgramType } from "../kernel/program.ts";
import { u64 } from "../wire/layout.ts";
import { kernelBtf, VMLINUX_BTF } from "./btf/kernel-btf.ts";
import { probeBatches, probeMappableArrays, probeMapType } from "./features/maps.ts";
import { probeClsact, probeTcx, probeTestRun, probeXdpNative } from "./features/network.ts";
import { type Answer, ask, no, yes } from "./features/probe.ts";
import { probeCall, probeProgramType } from "./features/try-load.ts";
import { loadBtf } from "./load-btf.ts";

export type { Answer } from "./features/probe.ts";

/** Numbers of helpers (include/uapi/linux/bpf.h) that programs of Hopmark call, and the type that calls them. */
const HELPERS = {
  bpf_ktime_get_ns: ["xdp", 5],
  bpf_ktime_get_tai_ns: ["tc", 208],
  bpf_redirect: ["tc", 23],
  bpf_skb_adjust_room: ["tc", 50],
  bpf_skb_store_bytes: ["tc", 9],
  bpf_skb_load_bytes: ["tc", 26],
  bpf_skb_pull_data: ["tc", 39],
  bpf_skb_set_tstamp: ["tc", 192],
  bpf_xdp_adjust_head: ["xdp", 44],
  bpf_xdp_adjust_tail: ["xdp", 65],
  bpf_xdp_get_buff_len: ["xdp", 188],
  bpf_xdp_load_bytes: ["xdp", 189],
  bpf_xdp_store_bytes: ["xdp", 190],
  bpf_get_socket_cookie: ["cgroupSkb", 46],
  bpf_skb_cgroup_id: ["cgroupSkb", 79],
  bpf_sk_fullsock: ["cgroupSkb", 95],
  bpf_sock_ops_cb_flags_set: ["sockOps", 59],
  bpf_ringbuf_reserve: ["tc", 131],
  bpf_fib_lookup: ["xdp", 69],
} as const satisfies Record<string, readonly [ProgramType, number]>;

const KERNEL_FUNCTIONS = ["bpf_cast_to_kern_ctx", "bpf_rdonly_cast", "bpf_iter_num_new"] as const;

export type HelperName = keyof typeof HELPERS;
export type KernelFunctionName = (typeof KERNEL_FUNCTIONS)[number];
/** What a kernel can or cannot do, as `hopmark doctor` names it. */
export type Feature =
  | "xdp"
  | "tc"
  | "cgroup-skb"
  | "sock-ops"
  | "tcx"
  | "clsact"
  | "xdp-native"
  | "test-run"
  | "btf"
  | "kernel-btf"
  | "ringbuf"
  | "percpu-maps"
  | "lpm-trie"
  | "mappable-arrays"
  | "map-batches"
  | HelperName
  | KernelFunctionName;

const probeHelper = (name: HelperName): Answer => {
  const [type, number] = HELPERS[name];
  return probeCall(type, name, number, 0);
};

const probeKernelFunction = (name: KernelFunctionName): Answer => {
  const id = kernelBtf().typeId("func", name);
  return id === undefined ? no(`${VMLINUX_BTF} has no function ${name}`) : probeCall("tc", name, id, 2);
};

const probeBtf = (): Answer => {
  loadBtf(mapsBtf([arrayMap(u64, { entries: 1 })]).btf, "probe").close();
  return yes("the kernel took type information");
};

const probeKernelBtf = (): Answer =>
  existsSync(VMLINUX_BTF) ? yes(`${VMLINUX_BTF} is there`) : no(`${VMLINUX_BTF} is missing: CONFIG_DEBUG_INFO_BTF`);

const probesOf = <N extends string>(
  names: readonly N[],
  probeOne: (name: N) => Answer,
): Readonly<Record<N, () => Answer>> =>
  Object.fromEntries(names.map((name) => [name, () => probeOne(name)])) as Record<N, () => Answer>;

const PROBES: Readonly<Record<Feature, () => Answer>> = {
  xdp: () => probeProgramType("xdp"),
  tc: () => probeProgramType("tc"),
  "sock-ops": () => probeProgramType("sockOps"),
  "cgroup-skb": () => probeProgramType("cgroupSkb"),
  tcx: probeTcx,
  clsact: probeClsact,
  "xdp-native": probeXdpNative,
  "test-run": probeTestRun,
  btf: probeBtf,
  "kernel-btf": probeKernelBtf,
  ringbuf: () => probeMapType("ringbuf"),
  "percpu-maps": () => probeMapType("percpu_array"),
  "lpm-trie": () => probeMapType("lpm_trie"),
  "mappable-arrays": probeMappableArrays,
  "map-batches": probeBatches,
  ...probesOf(Object.keys(HELPERS) as HelperName[], probeHelper),
  ...probesOf(KERNEL_FUNCTIONS, probeKernelFunction),
};

/** Every feature there is a probe for. */
export const FEATURES = Object.keys(PROBES) as readonly Feature[];

const answers = new Map<Feature, Answer>();

/** Asks the kernel, once in a process. Leaves nothing behind, and never throws for what the kernel or user cannot do. */
export const probe = (feature: Feature): Answer => {
  const known = answers.get(feature);
  if (known !== undefined) return known;
  const answer = ask(PROBES[feature]);
  // What we could not find out may be found out later, with more permissions.
  if (answer.answer !== "unknown") answers.set(feature, answer);
  return answer;
};

/** All of them. */
export const probeAll = (): ReadonlyMap<Feature, Answer> =>
  new Map(FEATURES.map((feature) => [feature, probe(feature)]));
