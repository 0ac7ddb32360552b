/** What the programs cost before the first packet: instructions, and those that the verifier walks. */
import { afterAll, expect, test } from "vitest";
import { kernelBtf } from "../../bpf/btf/kernel-btf.ts";
import { load } from "../../bpf/instance.ts";
import { compile } from "../../compiler/compile.ts";
import type { Program } from "../../kernel/program.ts";
import { mac } from "../../wire/address.ts";
import { encap } from "./encap/encap.bpf.ts";
import { MAX_PROFILES } from "./encap/counters.ts";
import { sink } from "./sink/sink.bpf.ts";
import { device, namespaces, node, rule } from "./test-support/nodes.ts";
import { transitEgress, transitIngress } from "./transit/transit.bpf.ts";
import { transitXdp } from "./transit/xdp.bpf.ts";

const MOST = 100_000;

const nodeOf = (count: number) => ({
  ...node,
  namespaces: Array.from({ length: count }, (_, id) => ({
    ...(id % 2 === 0 ? namespaces.plain : namespaces.withSchema),
    id,
  })),
});
const rules = (count: number) =>
  Array.from({ length: count }, (_, slot) =>
    rule({
      slot,
      traceType: 0xfff002,
      size: 100,
      prefix: { high: 0xdb02_0000_0000_0000n + BigInt(slot), low: 0n, highMask: 0xffff_ffff_ffff_ffffn, lowMask: 0n },
    }),
  );

const programs: [name: string, program: Program<"tc"> | Program<"xdp">][] = [1, MAX_PROFILES].map((count) => [
  `encap, profiles: ${count}`,
  encap({ node, device, rules: rules(count) }),
]);
for (const count of [1, 3, 8]) {
  const config = { node: nodeOf(count), device };
  programs.push(
    [`transit ingress, namespaces: ${count}`, transitIngress(config)],
    [`transit egress, namespaces: ${count}`, transitEgress(config)],
    [
      `transit at XDP, namespaces: ${count}`,
      transitXdp({ ...config, mac: mac("02:00:00:00:00:02"), table: true, frags: true }),
    ],
    [`sink, namespaces: ${count}`, sink(config)],
    [`sink that counts numbers, namespaces: ${count}`, sink({ ...config, e2e: true })],
  );
}

const table: Record<string, object> = {};
afterAll(() => console.table(table));

test.each(programs)("%s", (name, program) => {
  const start = performance.now();
  const compiled = compile(program, { kernelTypes: kernelBtf() });
  const compiledAt = performance.now();
  const loaded = load(compiled);
  const loadedAt = performance.now();
  const { verifiedInstructions } = loaded.info();
  loaded.close();
  table[name] = {
    instructions: compiled.code.instructions.length / 8,
    verified: verifiedInstructions,
    "compile ms": Math.round(compiledAt - start),
    "load ms": Math.round(loadedAt - compiledAt),
  };
  expect(verifiedInstructions).toBeLessThan(MOST);
});
