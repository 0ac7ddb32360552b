import { describe, expect, onTestFinished, test } from "vitest";
import { HopmarkError } from "../errors.ts";
import { Xdp } from "../kernel/context.ts";
import { variable } from "../kernel/maps.ts";
import { u64 } from "../wire/layout.ts";
import type { CompiledProgram } from "../compiler/program.ts";
import { load } from "./instance.ts";
import type { LoadedProgram } from "./loaded-program.ts";
import {
  add,
  assemble,
  call,
  exit,
  jumpGreater,
  load as ldx,
  mov,
  movReg,
  store,
  storeImm,
} from "./fixtures/assembler.ts";
import { counting, returning } from "./fixtures/programs.ts";
import { vethPair } from "./fixtures/veth.ts";
import { skbTestContext, xdpTestContext } from "./test-run.ts";

const FRAME = new Uint8Array(64).fill(0xab);

const loaded = (program: CompiledProgram): LoadedProgram => {
  const own = load(program);
  onTestFinished(() => own.close());
  return own;
};

/** Writes 7 into the first byte; makes room for 8 bytes in front first when `grow`. */
const writing = (grow: boolean): CompiledProgram =>
  assemble("xdp", "writing", [
    ["adjustHead", movReg(6, 1), ...(grow ? [mov(2, -8), call(44)] : [])],
    ["packet", ldx(4, 2, 6, 0), ldx(4, 3, 6, 4), movReg(4, 2), add(4, 14), jumpGreater(4, 3, 1)],
    ["byte", storeImm(1, 2, 0, 7)],
    ["return", mov(0, Xdp.Tx), exit()],
  ]);

test("the packet comes back as the program left it", () => {
  const { packet, verdict } = loaded(writing(false)).testRun(FRAME);
  expect(verdict).toBe(Xdp.Tx);
  expect([...packet]).toEqual([7, ...FRAME.subarray(1)]);
  expect(FRAME[0]).toBe(0xab);
});

test("also when it grew", () => {
  const { packet } = loaded(writing(true)).testRun(FRAME);
  expect(packet.length).toBe(72);
  expect(packet[0]).toBe(7);
  expect(packet.subarray(8)).toEqual(FRAME);
});

test("repeated runs are counted and timed", () => {
  const runs = variable(u64, 0n);
  const program = loaded(counting("xdp", runs, Xdp.Drop));
  const { durationNs } = program.testRun(FRAME, { repeat: 1000 });
  expect(program.map(runs).value).toBe(1000n);
  expect(durationNs).toBeLessThan(100_000);
});

describe("the context", () => {
  test("of a tc program is what the test says, and comes back changed", () => {
    const program = loaded(
      assemble("tc", "marks", [
        ["const mark = ctx.mark;", ldx(4, 0, 1, 8)],
        ["ctx.mark = 9;", mov(2, 9), store(4, 1, 8, 2)],
        ["return mark;", exit()],
      ]),
    );
    const { verdict, context } = program.testRun(FRAME, { context: skbTestContext({ mark: 77 }) });
    expect(verdict).toBe(77);
    expect(new DataView(context.buffer).getUint32(8, true)).toBe(9);
  });

  test("of an XDP program names an interface of the given namespace", () => {
    const { west } = vethPair();
    const program = loaded(assemble("xdp", "from", [["return ctx.ifindex;", ldx(4, 0, 1, 12), exit()]]));
    const context = xdpTestContext(FRAME.length, { ingressIfindex: west.ifindex });
    expect(program.testRun(FRAME, { context, netns: west.netns }).verdict).toBe(west.ifindex);
  });
});

test("frames that the kernel does not run are refused in words", () => {
  const program = loaded(returning("tc", 0));
  expect(() => program.testRun(new Uint8Array(13))).toThrow(HopmarkError);
  expect(() => program.testRun(new Uint8Array(13))).toThrow(/a frame of 13 bytes/);
  expect(() => program.testRun(new Uint8Array(60_000))).toThrow(/60000 bytes/);
});

test("live frames are really sent", () => {
  const { west, east } = vethPair();
  const arrived = variable(u64, 0n);
  const receiver = loaded(counting("xdp", arrived, Xdp.Drop, "receiver"));
  const link = receiver.attachXdp(east, { mode: "native" });
  onTestFinished(() => link.close());
  const sender = loaded(
    assemble("xdp", "sender", [["return redirect(west);", mov(1, west.ifindex), mov(2, 0), call(23), exit()]]),
  );
  const before = receiver.map(arrived).value;
  sender.sendLiveFrames(FRAME, {
    repeat: 512,
    netns: west.netns,
    context: xdpTestContext(FRAME.length, { ingressIfindex: west.ifindex }),
  });
  expect(receiver.map(arrived).value - before).toBeGreaterThanOrEqual(512n);
  expect(() => loaded(returning("tc", 0)).sendLiveFrames(FRAME, { repeat: 1 })).toThrow(/made with tc/);
});
