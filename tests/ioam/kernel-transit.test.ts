/** One forwarding node, twice: as the Linux kernel's own IOAM fills traces, and as Hopmark does. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Instance } from "../../src/bpf/instance.ts";
import type { Topology } from "../../src/lab/topology.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { outcomeNames } from "../../src/mark/ioam/outcome.ts";
import { PAYLOAD, ruleCases, severalOptions, type RuleCase } from "../../src/mark/ioam/test-support/cases.ts";
import { concat, frame, HOP_BY_HOP_AT, traceHeader } from "../../src/mark/ioam/test-support/frames.ts";
import { mutatedFrame } from "../../src/mark/ioam/test-support/mutated.ts";
import { transitCounters } from "../../src/mark/ioam/transit.bpf.ts";
import { toHex } from "../../src/wire/hex.ts";
import { ioamFields, traceTypeBit } from "../../src/wire/ioam/fields.ts";
import { IoamLab } from "../support/ioam-lab.ts";
import { PacketSocket } from "../support/packet-socket.ts";

const all = [...ruleCases, ...severalOptions];

/** porthos with something in every field it can fill. */
const richPorthos = (topology: Topology): Topology => ({
  nodes: {
    ...topology.nodes,
    porthos: {
      ...topology.nodes["porthos"],
      ioam: {
        id: 2,
        idWide: "0x1a1b1c1d1e1f20",
        namespaces: [
          { id: 123, data: 0xdeadbeef, dataWide: "0xdeadbeefcafedeca" },
          { id: 7, data: 0x01020304, dataWide: "0x05060708090a0b0c", schema: 9 },
          { id: 0 },
        ],
        schemas: [{ id: 9, text: "ten bytes." }],
      },
    },
  },
  links: topology.links.map(({ ends: [first, second] }) => ({
    ends: [
      { ...first, mtu: 9000, ioamIdWide: 0x3132_3300 + (first.ioamId ?? 0) },
      { ...second, mtu: 9000, ioamIdWide: 0x3132_3300 + (second.ioamId ?? 0) },
    ],
  })),
});

let lab: IoamLab;
let near: PacketSocket;
let far: PacketSocket;

beforeAll(() => {
  lab = new IoamLab({ kernelIoam: ["porthos"] }, richPorthos);
  near = new PacketSocket(lab.node("athos"), lab.ifindex("athos", "h_athos"), { protocol: 0, virtioHeader: true });
  far = new PacketSocket(lab.node("aramis"), lab.ifindex("aramis", "h_aramis"));
  lab.onClose(() => {
    near.close();
    far.close();
  });
});

afterAll(() => lab.close());

const frameOf = (index: number, own: Partial<RuleCase>, hopLimit: number): Uint8Array =>
  frame({
    ...(own.hopByHop !== undefined && { hopByHop: own.hopByHop }),
    ...(own.payloadLength !== undefined && { payloadLength: own.payloadLength }),
    hopLimit,
    flowLabel: index,
    sourceMac: "2e:fe:7c:b0:c7:72",
    destinationMac: "2e:fe:7c:b0:c7:21",
    payload: new Uint8Array(PAYLOAD).fill(0x77),
  });

/** A frame made elsewhere, on its way from athos to aramis. */
const addressed = (own: Uint8Array, index: number): Uint8Array => {
  const model = frameOf(0x10000 + index, {}, 64);
  own.set(model.subarray(0, 18));
  return own;
};

const mutations = Number(process.env["IOAM_MUTATIONS"] ?? 1500);
const seed = Number(process.env["IOAM_SEED"] ?? Date.now() & 0xffff_ffff);

const linearBytes = [14, 20, 53, 54, 55, 61, 62, 63, 66, 100, 317, 318, 400];
/** 264 bytes; the entry is written at its end. */
const longHeader = traceHeader({ traceType: 0xfff000, data: new Uint8Array(244) });

const SENTINEL = 0xfffff;
const flowLabel = (bytes: Uint8Array): number => ((bytes[15]! & 15) << 16) | (bytes[16]! << 8) | bytes[17]!;

/** Sends each frame, then one without a trace, and sees what comes before that. */
const pass = (frames: readonly Uint8Array[], linear = 0): (Uint8Array | null)[] =>
  frames.map((own, index) => {
    near.send(own, linear);
    near.send(frameOf(SENTINEL, {}, 64));
    let found: Uint8Array | null = null;
    for (;;) {
      const came = far.next(2000);
      if (came === null) throw new Error(`frame ${index}: not even the frame after it came`);
      if (flowLabel(came) === flowLabel(own)) found = came;
      if (flowLabel(came) === SENTINEL) return found;
    }
  });

interface Fields {
  readonly text: string;
  /** Values of what a node filled of bits 2, 3, 4 and 7. */
  readonly own: { bit: number; value: number }[];
}

/** The frame in hex, with `..` for the times and the checksum complement of the entries that are new in it. */
const withoutTimes = (before: Uint8Array, after: Uint8Array): Fields => {
  const view = new DataView(after.buffer, after.byteOffset, after.length);
  const own: Fields["own"] = [];
  const end = HOP_BY_HOP_AT + 8 + after[HOP_BY_HOP_AT + 1]! * 8;
  const bytes = [...after].map((byte) => byte.toString(16).padStart(2, "0"));
  for (let at = HOP_BY_HOP_AT + 2; at < end; at += after[at] === 0 ? 1 : 2 + after[at + 1]!) {
    if (after[at] !== 0x31 || after[at + 3] !== 0) continue;
    const left = after[at + 7]! & 127;
    if (left === (before[at + 7]! & 127)) continue;
    const type = view.getUint32(at + 8) >>> 8;
    let field = at + 12 + left * 4;
    for (const { bit, size, variable } of ioamFields) {
      if (variable || (type & traceTypeBit(bit)) === 0) continue;
      if ((bit >= 2 && bit <= 4) || bit === 7) {
        own.push({ bit, value: view.getUint32(field) });
        bytes.fill("..", field, field + 4);
      }
      field += size;
    }
  }
  return { text: bytes.join(""), own };
};

describe("the kernel's transit and Hopmark's", () => {
  let hopmark: Instance;
  const hopLimits = [64, 2];
  const ruled = hopLimits.flatMap((hopLimit) => all.map((own, index) => frameOf(index, own, hopLimit)));
  const mutated = fc.sample(mutatedFrame({ cut: true }), { numRuns: mutations, seed }).map(addressed);
  // All of them but the first bytes in other pages, as drivers hand over what they receive.
  const paged = linearBytes.map((_, index) =>
    concat([
      frameOf(0x8000 + index, { hopByHop: longHeader, payloadLength: longHeader.length + 5000 }, 64),
      new Uint8Array(5000 - PAYLOAD),
    ]),
  );
  const frames = [...ruled, ...mutated, ...paged];
  const names = [
    ...hopLimits.flatMap((hopLimit) => all.map(({ name }) => `${name}, hop limit ${hopLimit}`)),
    ...mutated.map((own, index) => `mutation ${index} of seed ${seed}, ${toHex(own, HOP_BY_HOP_AT)}`),
    ...linearBytes.map((linear) => `${linear} bytes linear`),
  ];
  const passPaged = () => paged.map((own, index) => pass([own], linearBytes[index])[0] ?? null);

  let byKernel: (Uint8Array | null)[];
  let byHopmark: (Uint8Array | null)[];
  let counted: number[];
  let started: number;

  beforeAll(() => {
    started = Math.floor(Date.now() / 1000);
    byKernel = [...pass([...ruled, ...mutated]), ...passPaged()];
    writeSysctl(lab.node("porthos"), "net/ipv6/conf/h_porthos_a/ioam6_enabled", 0);
    writeSysctl(lab.node("porthos"), "net/ipv6/conf/h_porthos_b/ioam6_enabled", 0);
    hopmark = lab.transit();
    byHopmark = pass(ruled);
    counted = outcomeNames.map((_, index) => Number(hopmark.map(transitCounters).sum(index)?.value));
    byHopmark.push(...pass(mutated), ...passPaged());
  }, 60_000);

  const describeAll = (outputs: (Uint8Array | null)[]): string[] =>
    outputs.map((output, index) => {
      const what = output === null ? "dropped" : withoutTimes(frames[index]!, output).text;
      return `${names[index]}: ${what}`;
    });

  test("write and drop the same", () => {
    expect(describeAll(byHopmark)).toEqual(describeAll(byKernel));
  });

  test("tell the time; only Hopmark knows how long a packet stayed, and makes up for what it wrote", () => {
    const ended = Math.ceil(Date.now() / 1000);
    for (const [outputs, ofKernel] of [
      [byKernel, true],
      [byHopmark, false],
    ] as const) {
      const own = outputs.flatMap((output, index) => (output === null ? [] : withoutTimes(frames[index]!, output).own));
      expect(own.length).toBeGreaterThan(200);
      for (const { bit, value } of own) {
        if (bit === 2) expect(value >= started && value <= ended).toBe(true);
        else if (bit === 3) expect(value).toBeLessThan(1_000_000);
        else if (ofKernel) expect(value).toBe(0xffff_ffff);
        else if (bit === 7) expect(value).toBeLessThan(0x10000);
        else expect(value > 0 && value < 1_000_000_000).toBe(true);
      }
    }
  });

  test("fills and drops a good part of all mutations, and every frame in pages", () => {
    const of = byKernel.slice(ruled.length, ruled.length + mutated.length);
    const filled = of.filter(
      (output, index) => output !== null && withoutTimes(frames[ruled.length + index]!, output).own.length > 0,
    );
    expect(filled.length / mutations).toBeGreaterThan(0.03);
    expect(of.filter((output) => output === null).length / mutations).toBeGreaterThan(0.1);
    for (const output of byKernel.slice(-paged.length)) {
      expect(output === null ? 0 : withoutTimes(paged[0]!, output).own.length).toBe(4);
    }
  });

  test("each outcome has its name", () => {
    const expected = outcomeNames.map(
      (outcome) =>
        hopLimits.length * all.flatMap((own) => own.outcome.split("+")).filter((own) => own === outcome).length,
    );
    expect(counted).toEqual(expected);
  });
});
