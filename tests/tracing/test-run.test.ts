/** Raw tracepoints can be run on words of our own: the kernel and V8 must agree. */
import { expect, test } from "vitest";
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../src/bpf/instance.ts";
import { Attributes } from "../../src/bpf/sys/attributes.ts";
import { bpf } from "../../src/bpf/sys/bpf.ts";
import { compile } from "../../src/compiler/compile.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { summed, sums } from "./programs.bpf.ts";

const words = [0n, 1n, 0xffffn, 0x1_0000n, 1n << 63n, (1n << 64n) - 1n, 0x0123_4567_89ab_cdefn];

test("the kernel and V8 agree on a raw tracepoint's words", () => {
  using loaded = load(compile(summed, { kernelTypes: kernelBtf() }));
  const maps = new SimulatedMaps();
  for (const first of words) {
    for (const second of words) {
      const context = BigUint64Array.of(first, second);
      bpf("PROG_TEST_RUN", new Attributes().u32(0, loaded.fd).u32(40, 16).pointer(48, context), "summed");
      simulate(summed, { maps, arguments: [first, second] });
      expect(loaded.map(sums).get(1), `${first} ${second}`).toEqual(maps.map(sums).get(1));
    }
  }
});
