import type { Answer, Feature } from "../../bpf/features.ts";
import type { Check } from "./check.ts";

/** Asks the kernel whether it has a feature. */
export type Ask = (feature: Feature) => Answer;

/**
 * What BPF can do here, found by trying. `memoryLimit`: bytes that may be locked, of which old kernels take maps. `remedy`: what to do
 * where neither programs nor maps may be made; undefined when it is capabilities that are missing, which the rights say.
 */
export const bpfChecks = (ask: Ask, memoryLimit: number, remedy?: string): Check[] => {
  const programs = ask("xdp");
  if (programs.answer === "unknown" && ask("ringbuf").answer === "unknown") return [forbiddenCheck(programs, remedy)];
  return featureChecks(ask, memoryLimit);
};

/** One line for all that cannot be told. */
const forbiddenCheck = ({ why }: Answer, remedy: string | undefined): Check =>
  remedy === undefined
    ? untold("bpf(2)", "programs and maps", { why })
    : { group: "bpf", name: "bpf(2)", status: "missing", detail: `programs and maps: ${why}`, remedy };

const featureChecks = (ask: Ask, memoryLimit: number): Check[] => [
  needed(ask, "XDP", ["xdp", "xdp-native"], "programs at the driver", "CONFIG_BPF_SYSCALL=y"),
  needed(ask, "tc", ["tc"], "programs at traffic control", "CONFIG_NET_CLS_BPF"),
  wanted(
    ask,
    "XDP with frags",
    ["bpf_xdp_get_buff_len", "bpf_xdp_load_bytes", "bpf_xdp_store_bytes"],
    "programs at the driver of interfaces with a large MTU",
    "Linux 5.18 or later",
  ),
  wanted(ask, "cgroups", ["cgroup-skb", "sock-ops"], "programs for the sockets of a cgroup", "CONFIG_CGROUP_BPF"),
  hookCheck(ask("tcx"), ask("clsact")),
  needed(ask, "ring buffer", ["ringbuf", "bpf_ringbuf_reserve"], "records for user space", "Linux 5.8 or later"),
  needed(ask, "room for headers", ["bpf_skb_adjust_room"], "inserting and stripping headers", "Linux 4.13 or later"),
  needed(ask, "clock", ["bpf_ktime_get_tai_ns"], "wall-clock times in programs", "Linux 6.1 or later"),
  wanted(ask, "packet timestamps", ["bpf_skb_set_tstamp"], "transit delays at tc", "Linux 5.18 or later"),
  wanted(ask, "kernel objects", ["bpf_rdonly_cast", "bpf_cast_to_kern_ctx"], "queue depths", "Linux 6.2 or later"),
  wanted(ask, "test runs", ["test-run"], "trying programs without traffic", "Linux 4.12 or later"),
  wanted(ask, "map batches", ["map-batches"], "reading large maps fast", "Linux 5.6 or later"),
  memoryCheck(ask("ringbuf"), memoryLimit),
];

const needed = (ask: Ask, name: string, features: readonly Feature[], what: string, where: string): Check =>
  featureCheck(ask, name, features, what, where, "missing");

const wanted = (ask: Ask, name: string, features: readonly Feature[], what: string, where: string): Check =>
  featureCheck(ask, name, features, what, where, "warn");

/** All of `features` are asked for; what cannot be told is a warning, and why. */
const featureCheck = (
  ask: Ask,
  name: string,
  features: readonly Feature[],
  what: string,
  where: string,
  without: "missing" | "warn",
): Check => {
  const answers = features.map(ask);
  const no = answers.find(({ answer }) => answer === "no");
  if (no !== undefined) {
    const remedy = `use a kernel that has it: ${where}`;
    return { group: "bpf", name, status: without, detail: `${what}: ${no.why}`, remedy };
  }
  const unknown = answers.find(({ answer }) => answer === "unknown");
  return unknown === undefined ? { group: "bpf", name, status: "ok", detail: what } : untold(name, what, unknown);
};

const untold = (name: string, what: string, { why }: Pick<Answer, "why">): Check => ({
  group: "bpf",
  name,
  status: "warn",
  detail: `${what}: not to be told, ${why}`,
  remedy: "run hopmark doctor with more rights",
});

/** One of the two ways to attach at tc is enough. */
const hookCheck = (tcx: Answer, clsact: Answer): Check => {
  const part = { group: "bpf", name: "attaching at tc" } as const;
  if (tcx.answer === "yes") return { ...part, status: "ok", detail: "by TCX" };
  if (clsact.answer === "yes") return { ...part, status: "ok", detail: "by clsact: this kernel has no TCX" };
  if (tcx.answer === "unknown" || clsact.answer === "unknown") return untold(part.name, "TCX or clsact", clsact);
  const detail = `neither TCX (${tcx.why}) nor clsact (${clsact.why})`;
  return { ...part, status: "missing", detail, remedy: "use a kernel built with CONFIG_NET_SCH_INGRESS" };
};

const memoryCheck = (ringbuf: Answer, limit: number): Check => {
  const part = { group: "bpf", name: "memory lock limit" } as const;
  const detail = limit === Infinity ? "unlimited" : `${Math.floor(limit / 1024)} KiB`;
  // Since Linux 5.11 maps are charged to the control group instead.
  if (ringbuf.answer !== "no") return { ...part, status: "ok", detail };
  return { ...part, status: "warn", detail: `${detail}: maps may not fit into it`, remedy: "ulimit -l unlimited" };
};
