/** `hopmark/bpf`: kernel objects from compiled programs. Specifications are data (`hopmark/compiler`); these have descriptors. */
export { attach, type AttachOptions, Running } from "./attach.ts";
export { attachClsact, ClsactFilter } from "./attach/clsact.ts";
export { type IteratorAttachOptions, type IteratorReadOptions, KernelIterator } from "./attach/iterator.ts";
export { attachTc, type TcAttachOptions } from "./attach/tc.ts";
export { attachTcx, hasTcx } from "./attach/tcx.ts";
export { TracepointAttachment } from "./attach/tracing.ts";
export { attachXdp, type XdpAttachOptions } from "./attach/xdp.ts";
export type { Attachable, Attachment, Device, Hook } from "./attach/attachment.ts";
export { KernelLink } from "./attach/link.ts";
export type { Direction, TcOrder } from "./attach/order.ts";
export type { AttachmentOf, CgroupPlace, DevicePlace, Hooks, NoPlace, OpenPlace, PlaceOf } from "./attach/place.ts";
export { type BtfField, KernelBtf, kernelBtf, VMLINUX_BTF } from "./btf/kernel-btf.ts";
export { runningKernel } from "./btf/running-kernel.ts";
export { type Answer, type Feature, FEATURES, probe, probeAll } from "./features.ts";
export { Instance, load, loadAll, type LoadOptions } from "./instance.ts";
export { LoadedProgram } from "./loaded-program.ts";
export { type Batch, batches, type BatchOptions, deleteBatch, updateBatch } from "./maps/batch.ts";
export { createMap } from "./maps/create.ts";
export type { KeyedDescriptor, MapHandle } from "./maps/handle.ts";
export { SharedMapHandle } from "./maps/handle.ts";
export { type HandleOf, openHandle } from "./maps/handles.ts";
export { KernelMap } from "./maps/kernel-map.ts";
export { PerCpuMapHandle } from "./maps/per-cpu-handle.ts";
export { possibleCpus } from "./maps/possible-cpus.ts";
export type { Shareable } from "./maps/share.ts";
export { MapOfMapsHandle } from "./maps/map-of-maps-handle.ts";
export { type CallableProgram, ProgramArrayHandle } from "./maps/program-array-handle.ts";
export { sumOf } from "../kernel/sum.ts";
export { VariableHandle } from "./maps/variable-handle.ts";
export { BPFFS, bpffsMounted, ensureBpffs } from "./pin/bpffs.ts";
export { layoutHash } from "./pin/layout-hash.ts";
export type { Json, PinMeta, PinnedAttachment } from "./pin/meta.ts";
export { PinnedSet } from "./pin/pinned-set.ts";
export { PIN_ROOT, pinDirectory, type PinPlace } from "./pin/place.ts";
export { createPins, listPins, openPins, type PinContents, type PinMetaAt, removeLeftovers } from "./pin/registry.ts";
export type { RecordCallback, ReleaseCallback } from "./ring-cursor.ts";
export { RingReader } from "./ring.ts";
export type { LinkInfo, MapInfo, ProgramInfo } from "./sys/info.ts";
export {
  type LiveFramesOptions,
  sendLiveFrames,
  type SkbTestFields,
  skbTestContext,
  testRun,
  type TestRunOptions,
  type TestRunResult,
  xdpTestContext,
} from "./test-run.ts";
export { VerifierError } from "./verifier/error.ts";
export { type RefusalCode, refusalTitles } from "./verifier/kinds.ts";
export { readStatistics, readSteps, type VerifierLogRequest, type VerifierStatistics } from "./verifier/statistics.ts";
export { KernelLacksError } from "./verifier/unsupported.ts";
