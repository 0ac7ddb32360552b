/** What random programs do not have, and which tests look at it instead; and the table of all. */
import type { FeatureCount } from "./count.ts";
import type { Feature } from "./feature.ts";

/** A file of tests, and what it, or a file that it imports, looks at. Not all can be run by TEST_RUN. */
export const files: readonly (readonly [file: string, names: readonly (string | RegExp)[]])[] = [
  // Sockets, and the processes that run, are there only under live traffic: what V8 and the kernel then say is compared.
  ["tests/compiler/sock-ops.test.ts", ["sockOps", "SockOps", "SockOpsCallback", "TcpState"]],
  ["tests/compiler/sock-ops.test.ts", ["sockOps: ctx.setCallbacks", "sockOps: ctx.socketCookie"]],
  ["tests/compiler/context-fields.test.ts", [/^sockOps: ctx\./]],
  [
    "tests/compiler/cgroup.test.ts",
    ["socketCookie", "cgroupId", "ancestorCgroupId"].map((name) => `cgroupSkb: ctx.${name}`),
  ],
  ["tests/tracing/live.test.ts", ["iterator", "iterator: ctx.write", "rawTracepoint", "tracepoint"]],
  ["tests/tracing/live.test.ts", ["commInto", "currentCgroupId", "currentPid", "currentTid", "ipv4Of", "ipv6Of"]],
  ["tests/tracing/reads.test.ts", ["cast", "copyString", "probeRead"]],
  // Kernel functions: their types must be known, which random programs do without.
  ["tests/compiler/vocabulary.test.ts", ["tc: ctx.checksumPartial"]],
  // What runs programs, not what is in them.
  ["src/kernel/simulate/simulate.test.ts", ["simulate", "SimulatedMaps"]],
  ["tests/fuzz/in-v8.ts", ["environmentRoutes"]],
  ["tests/fuzz/in-kernel.ts", ["Environment"]],
  ["tests/fuzz/inputs.ts", ["noRoute"]],
  ["src/compiler/source/transform.test.ts", ["kernelFunction", "sourceOf"]],
];

export const elsewhere = ({ name }: Feature): string | undefined =>
  files.find(([, names]) => names.some((own) => (typeof own === "string" ? own === name : own.test(name))))?.[0];

/** Feature, programs that have it or the file that looks at it. */
export const formatFeatures = (count: FeatureCount): string =>
  count.features
    .map((feature) => `${feature.name.padEnd(45)} ${count.of(feature) || (elsewhere(feature) ?? "nowhere")}`)
    .join("\n");
