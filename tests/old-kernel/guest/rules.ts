/** Every rule of a node on packets made for it: the program in this kernel does what it does in V8. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { kernelBtf } from "../../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../../src/bpf/instance.ts";
import { compile } from "../../../src/compiler/compile.ts";
import { Environment } from "../../../src/kernel/environment.ts";
import { arrayMap } from "../../../src/kernel/maps.ts";
import { taiOffset } from "../../../src/mark/feature/tai-offset.ts";
import { TAI_OFFSET } from "../../../src/mark/ioam/test-support/nodes.ts";
import { egressInterfaces } from "../../../src/mark/ioam/transit/xdp-maps.ts";
import { EXPECTED_OUTCOMES } from "../places.ts";
import { egress, subjects, surroundings, type Outcome, type Subject } from "../rule-programs.ts";

export const rules = (): string => {
  const expected = JSON.parse(readFileSync(EXPECTED_OUTCOMES, "utf8")) as readonly (readonly Outcome[])[];
  assert.equal(expected.length, subjects.length);
  return subjects.map((subject, index) => agree(subject, expected[index] ?? [])).join(", ");
};

const agree = ({ program, packets }: Subject, expected: readonly Outcome[]): string => {
  const environment = arrayMap(Environment, { entries: 1, name: "environment" });
  const kernel = load(compile(program, { environment, kernelTypes: kernelBtf() }));
  try {
    const { maps } = kernel.compiled;
    kernel.map(environment).set(0, surroundings);
    kernel.map(taiOffset).value = TAI_OFFSET;
    if (maps.includes(egressInterfaces)) kernel.map(egressInterfaces).set(egress.key, egress.value);
    assert.equal(packets.length, expected.length);
    for (const [index, { name, packet }] of packets.entries()) {
      const { verdict, packet: after } = kernel.testRun(packet);
      const outcome: Outcome = { verdict, packet: Buffer.from(after).toString("hex") };
      assert.deepEqual(outcome, expected[index], `${program.name}: ${name}`);
    }
    return `${program.name} (${kernel.compiled.code.instructions.length / 8} instructions) on ${packets.length} packets`;
  } finally {
    kernel.close();
  }
};
