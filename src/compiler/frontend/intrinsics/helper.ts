import type { Node } from "../../ssa/ir.ts";
import type { Unit } from "../unit.ts";
import type { Value } from "../values.ts";

/** Numbers of the kernel's helper functions (linux/bpf.h, `___BPF_FUNC_MAPPER`). */
export const Helper = {
  mapLookup: 1,
  mapUpdate: 2,
  mapDelete: 3,
  monotonicNs: 5,
  randomU32: 7,
  cpuId: 8,
  skbStoreBytes: 9,
  currentPidTgid: 14,
  currentComm: 16,
  tailCall: 12,
  cloneRedirect: 13,
  redirect: 23,
  skbVlanPush: 18,
  skbVlanPop: 19,
  skbLoadBytes: 26,
  skbPullData: 39,
  skbChangeHead: 43,
  xdpAdjustHead: 44,
  socketCookie: 46,
  skbAdjustRoom: 50,
  redirectMap: 51,
  xdpAdjustTail: 65,
  skbCgroupId: 79,
  currentCgroupId: 80,
  skbAncestorCgroupId: 83,
  skFullsock: 95,
  probeReadKernel: 113,
  probeReadKernelString: 115,
  seqWrite: 127,
  skStorageGet: 107,
  skStorageDelete: 108,
  ringOutput: 130,
  fibLookup: 69,
  ringReserve: 131,
  ringSubmit: 132,
  ringDiscard: 133,
  sockOpsCbFlagsSet: 59,
  redirectNeigh: 152,
  checkMtu: 163,
  xdpLength: 188,
  xdpLoadBytes: 189,
  xdpStoreBytes: 190,
  skbSetTimestamp: 192,
  taiNs: 208,
} as const;

/** Helpers answer 0 when they did what was asked. */
export const succeeded = (unit: Unit, result: Node): Value => ({
  kind: "boolean",
  test: { condition: "eq", left: result, right: unit.builder.constant(0), width: 64, whenTrue: [], whenFalse: [] },
});
