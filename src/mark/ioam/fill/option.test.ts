/** The rules and the entry at XDP, where nothing can be made linear: as at tc, but for what lies in another buffer. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelBtf } from "../../../bpf/btf/kernel-btf.ts";
import { load } from "../../../bpf/instance.ts";
import type { LoadedProgram } from "../../../bpf/loaded-program.ts";
import { xdpTestContext } from "../../../bpf/test-run.ts";
import { compile } from "../../../compiler/compile.ts";
import { Xdp } from "../../../kernel/context.ts";
import { simulate } from "../../../kernel/simulate/simulate.ts";
import { toHex } from "../../../wire/hex.ts";
import { FIRST_DROPPED, outcomeNames } from "../outcome.ts";
import { PAYLOAD, ruleCases, severalOptions } from "../conformance/cases.ts";
import { fillAtXdp } from "../test-support/fill-anywhere.bpf.ts";
import { frame, HOP_BY_HOP_AT, traceHeader } from "../conformance/frames.ts";
import { device, node } from "../test-support/nodes.ts";
import { transitIngress } from "../transit/transit.bpf.ts";

const program = fillAtXdp({ node, device });
let loaded: LoadedProgram;
beforeAll(() => (loaded = load(compile(program, { kernelTypes: kernelBtf() }))));
afterAll(() => loaded.close());

/** What the kernel and V8 agree on, with the first `linear` bytes of the packet in its first buffer. */
const run = (packet: Uint8Array, linear = packet.length): { verdict: number; packet: string } => {
  const kernel = loaded.testRun(packet, { context: xdpTestContext(linear) });
  const v8 = simulate(program, { packet, linear });
  const found = { verdict: kernel.verdict, packet: toHex(kernel.packet) };
  expect(found).toEqual({ verdict: v8.verdict, packet: toHex(v8.packet) });
  return found;
};

const dropping = outcomeNames.slice(FIRST_DROPPED);

test("every rule", () => {
  const atTc = transitIngress({ node, device });
  for (const { name, outcome, others: _, known: __, ...headers } of [...ruleCases, ...severalOptions]) {
    const packet = frame({ ...headers, payload: new Uint8Array(PAYLOAD) });
    const dropped = outcome.split("+").some((each) => dropping.includes(each));
    const expected = toHex(simulate(atTc, { packet }).packet);
    expect({ name, ...run(packet) }).toEqual({ name, verdict: dropped ? Xdp.Drop : Xdp.Pass, packet: expected });
  }
});

test("a header that ends in another buffer is told from one that ends nowhere", () => {
  const whole = frame({ hopByHop: traceHeader(), payload: new Uint8Array(PAYLOAD) });
  const end = HOP_BY_HOP_AT + 64;
  for (const linear of [HOP_BY_HOP_AT, HOP_BY_HOP_AT + 7, HOP_BY_HOP_AT + 8, end - 1]) {
    expect({ linear, verdict: run(whole, linear).verdict }).toEqual({ linear, verdict: Xdp.Tx });
    expect({ linear, verdict: run(whole.slice(0, linear)).verdict }).toEqual({ linear, verdict: Xdp.Drop });
  }
  expect(run(whole, end).verdict).toBe(Xdp.Pass);
});
