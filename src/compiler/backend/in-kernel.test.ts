/** Random functions, loaded and run by the kernel, must do what they do as IR. */
import { expect, it, onTestFinished } from "vitest";
import { load } from "../../bpf/instance.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { SsaFunction } from "../ssa/ir.ts";
import { emit } from "./emit.ts";
import { runXdp, surroundings, type Surroundings } from "./testing/compare.ts";
import { maps, randomFunction, type Shape, table } from "./testing/random-function.ts";

const module = { url: "file:///random.ts", text: "random" };

const runInKernel = (fn: SsaFunction, seed: number, inputs: readonly Surroundings[]): number[] => {
  const code = emit(fn, { verify: true, cpu: seed % 2 === 0 ? "v3" : "v4" });
  const used = new Set(code.relocations.flatMap((each): MapDescriptor[] => ("map" in each ? [each.map] : [])));
  const position = { module, offset: 0 };
  const program = load({ type: "xdp", name: "random", code, maps: [...used], position });
  onTestFinished(() => program.close());
  try {
    return inputs.map((input) => {
      const elements: [MapDescriptor, number, Uint8Array][] = maps.map((map, i) => [map, 0, input.values[i]!]);
      for (let i = 0; i < 4; i++) elements.push([table, i, input.table.subarray(i * 8, i * 8 + 8)]);
      const each = (
        visit: (index: number, inKernel: Uint8Array, bytes: Uint8Array, map: MapDescriptor) => void,
      ): void => {
        for (const [map, index, bytes] of elements) {
          if (!used.has(map)) continue;
          const raw = program.rawMap(map);
          new DataView(raw.key.buffer, raw.key.byteOffset).setUint32(0, index, true);
          visit(index, raw.value, bytes, map);
        }
      };
      each((_, value, bytes, map) => {
        value.set(bytes);
        program.rawMap(map).update(0);
      });
      const result = program.testRun(input.packet);
      input.packet.set(result.packet);
      each((_, value, bytes, map) => {
        program.rawMap(map).lookup();
        bytes.set(value);
      });
      return result.verdict;
    });
  } finally {
    program.close();
  }
};

const shapes: Record<string, Shape> = {
  straight: { size: 40, pool: 14, calls: false, kernel: true },
  calls: { size: 60, pool: 8, calls: true, kernel: true },
  "many values across calls": { size: 120, pool: 14, calls: true, kernel: true },
};

const count = Number(process.env["HOPMARK_KERNEL_FUZZ"] ?? 100);

it.each(Object.entries(shapes))("the kernel runs what the IR says: %s", { timeout: 600_000 }, (_, shape) => {
  for (let seed = 0; seed < count; seed++) {
    const expected = [1, 2, 3].map(surroundings);
    const fn = randomFunction(seed, shape);
    const verdicts = expected.map((input) => runXdp(fn, input));
    const actual = [1, 2, 3].map(surroundings);
    expect(runInKernel(fn, seed, actual), `seed ${seed}`).toEqual(verdicts);
    expect(actual, `seed ${seed}`).toEqual(expected);
  }
});
