/** Every rule of a node on packets made for it: the program in this kernel and the same program in V8 agree. */
import assert from "node:assert/strict";
import { kernelBtf } from "../../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../../src/bpf/instance.ts";
import { compile } from "../../../src/compiler/compile.ts";
import { Environment, noRoute } from "../../../src/kernel/environment.ts";
import { arrayMap } from "../../../src/kernel/maps.ts";
import type { Program } from "../../../src/kernel/program.ts";
import { SimulatedMaps } from "../../../src/kernel/simulate/simulated-maps.ts";
import { simulate } from "../../../src/kernel/simulate/simulate.ts";
import { sink } from "../../../src/mark/ioam/sink.bpf.ts";
import { taiOffset } from "../../../src/mark/ioam/tai-offset.ts";
import { ruleCases, severalOptions } from "../../../src/mark/ioam/conformance/cases.ts";
import { frame } from "../../../src/mark/ioam/conformance/frames.ts";
import { clock, device, node, TAI_OFFSET } from "../../../src/mark/ioam/test-support/nodes.ts";
import { transitIngress } from "../../../src/mark/ioam/transit.bpf.ts";

const frames = [...ruleCases, ...severalOptions].map(({ name, hopByHop, ...rest }) => ({
  name,
  packet: frame({ ...rest, hopByHop, payload: new Uint8Array(8) }),
}));

export const rules = (): string => {
  const programs = [transitIngress({ node, device }), sink({ node, device })];
  const sizes = programs.map((program) => `${program.name} of ${agree(program)}`);
  return `${frames.length} packets through ${sizes.join(" and ")} instructions`;
};

/** Returns the length of the program. */
const agree = (program: Program<"tc">): number => {
  const environment = arrayMap(Environment, { entries: 1, name: "environment" });
  const now = {
    monotonicNs: clock.monotonicNs,
    taiNs: clock.taiNs,
    cpu: 0,
    random: 0,
    egressBacklog: 0,
    route: noRoute,
  };
  const kernel = load(compile(program, { environment, kernelTypes: kernelBtf() }));
  try {
    const maps = new SimulatedMaps();
    kernel.map(environment).set(0, now);
    kernel.map(taiOffset).value = TAI_OFFSET;
    maps.map(taiOffset).value = TAI_OFFSET;
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
    for (const { name, packet } of frames) {
      const inKernel = kernel.testRun(packet);
      const inV8 = simulate(program, { packet, environment: now, maps });
      assert.deepEqual(
        { verdict: inKernel.verdict, packet: hex(inKernel.packet) },
        { verdict: inV8.verdict, packet: hex(inV8.packet) },
        `${program.name}: ${name}`,
      );
    }
    return kernel.compiled.code.instructions.length / 8;
  } finally {
    kernel.close();
  }
};
