/** Sends traces to a sink through a veth pair, so many a second, and counts what became of them. */
import { setTimeout as sleep } from "node:timers/promises";
import { readFileSync } from "node:fs";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { withNetns } from "../../src/linux/with-netns.ts";
import { encodePacket, ipv6, mac } from "../../src/wire/index.ts";
import { spacingNs } from "../../tests/support/pace.bpf.ts";
import { emit, FRAME_BYTES, sent } from "./generator.bpf.ts";

const BATCH = 64;
const CALL_SECONDS = 0.5;
const HOP_BY_HOP_AT = 54;
/** Of a header with 84 bytes of data: padding and option 8, trace header 8, then 28 for each hop, the last one's free. */
const DATA_AT = HOP_BY_HOP_AT + 4 + 4 + 8;
const FIRST_NODE_ID_AT = DATA_AT + 2 * 28 + 3;
const UDP_AT = HOP_BY_HOP_AT + 104;

export class TraceGenerator {
  readonly #program;
  readonly #frame = frameOf();
  readonly #netns: Netns;
  readonly #device: string;

  constructor(netns: Netns, device: { readonly name: string; readonly index: number }) {
    const view = new DataView(this.#frame.buffer);
    const words = Array.from({ length: FRAME_BYTES / 8 }, (_, index) => view.getBigUint64(index * 8));
    this.#program = load(compile(emit(device.index, words, { nodeId: FIRST_NODE_ID_AT, port: UDP_AT })));
    this.#netns = netns;
    this.#device = device.name;
  }

  /** What was handed to the interface, less what the interface dropped. */
  get delivered(): number {
    return Number(this.#program.map(sent).value) - this.#dropped();
  }

  /** At `perSecond`, or as many as go, for so long. This thread does nothing else meanwhile. */
  async run(perSecond: number, seconds: number): Promise<void> {
    this.#program.map(spacingNs).value = BigInt(Math.round(1e9 / perSecond));
    const end = performance.now() + seconds * 1000;
    // A call waits some ms for the kernel to change its XDP dispatcher: few calls, of many packets.
    const repeat = Math.round(perSecond * CALL_SECONDS);
    while (performance.now() < end) {
      this.#program.sendLiveFrames(this.#frame, { repeat, netns: this.#netns, batch: BATCH });
      await sleep(0);
    }
  }

  close(): void {
    this.#program.close();
  }

  /** A veth drops, and counts, what its far end takes too slowly. */
  #dropped(): number {
    const text = withNetns(this.#netns, () => readFileSync("/proc/thread-self/net/dev", "utf8"));
    const numbers = text.split(`${this.#device}:`)[1]?.split("\n")[0]?.trim().split(/\s+/) ?? [];
    return Number(numbers[TX_DROPPED]);
  }
}

const TX_DROPPED = 11;

const frameOf = (): Uint8Array<ArrayBuffer> => {
  const hop = (nodeId: number, hopLimit: number) => ({
    nodeId,
    hopLimit,
    ingressId: 1,
    egressId: 2,
    timestampSeconds: 1_795_220_463,
    timestampFraction: 100 * nodeId,
    transitDelayNs: 1000,
    namespaceData: "0xdeadbeef",
    queueDepth: 0,
  });
  const trace = {
    namespaceId: 123,
    traceType: 0xfe0000,
    size: 84,
    hops: [hop(1000, 64), hop(2, 63)],
    remainingWords: 7,
    nodeLength: 7,
    flags: { overflow: false, loopback: false, active: false },
  };
  const head = encodePacket([
    {
      protocol: "ethernet",
      header: { destination: mac("2e:fe:7c:b0:c7:31"), source: mac("2e:fe:7c:b0:c7:22") },
    },
    { protocol: "ipv6", header: { hopLimit: 62, source: ipv6("db01::1"), destination: ipv6("db02::2") } },
    { protocol: "hop-by-hop", options: [{ kind: "ioam", ioamType: 0, reserved: 0, trace }] },
    { protocol: "udp", header: { sourcePort: 40_000, destinationPort: 9 } },
    { protocol: "payload", bytes: new Uint8Array(FRAME_BYTES - UDP_AT - 8) },
  ]);
  if (head.length !== FRAME_BYTES) throw new Error(`a frame of ${head.length} bytes`);
  return Uint8Array.from(head);
};
