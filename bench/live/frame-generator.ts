/** Sends frames through a veth pair, so many a second, and counts what became of them. */
import { setTimeout as sleep } from "node:timers/promises";
import { readFileSync } from "node:fs";
import { threadId } from "node:worker_threads";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { createVeth, linkByName } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { withNetns } from "../../src/linux/with-netns.ts";
import { emit, GROUP, sent, spacing, type FramePlaces } from "./generator.bpf.ts";

const BATCH = 128;
const CALL_SECONDS = 0.5;

export class FrameGenerator {
  readonly #program;
  readonly #held;
  readonly #frame: Uint8Array;
  readonly #netns: Netns;
  readonly #device: string;

  /** `frame`: whole words of 8 bytes. */
  constructor(
    netns: Netns,
    device: { readonly name: string; readonly index: number },
    frame: Uint8Array,
    places: FramePlaces,
  ) {
    if (frame.length % 8 !== 0) throw new Error(`a frame of ${frame.length} bytes`);
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const words = Array.from({ length: frame.length / 8 }, (_, index) => view.getBigUint64(index * 8));
    this.#program = load(compile(emit(device.index, words, places)));
    this.#held = this.#program.attachXdp({ ifindex: idleDevice(netns), netns });
    this.#frame = frame;
    this.#netns = netns;
    this.#device = device.name;
  }

  get sent(): number {
    return Number(this.#program.map(sent).value);
  }

  /** What was handed to the interface, less what the interface dropped. */
  get delivered(): number {
    return this.sent - this.#dropped();
  }

  /** At `perSecond`, or as many as go, for so long. This thread does nothing else meanwhile. */
  async run(perSecond: number, seconds: number): Promise<void> {
    this.#program.map(spacing).value = BigInt(Math.round((GROUP * 1e9) / perSecond));
    const end = performance.now() + seconds * 1000;
    const repeat = Math.round(perSecond * CALL_SECONDS);
    while (performance.now() < end) {
      this.#program.sendLiveFrames(this.#frame, { repeat, netns: this.#netns, batch: BATCH });
      await sleep(0);
    }
  }

  close(): void {
    this.#held.close();
    this.#program.close();
  }

  /** A veth drops, and counts, what its far end takes too slowly. */
  #dropped(): number {
    const text = withNetns(this.#netns, () => readFileSync("/proc/thread-self/net/dev", "utf8"));
    const numbers = text.split(`${this.#device}:`)[1]?.split("\n")[0]?.trim().split(/\s+/) ?? [];
    return Number(numbers[TX_DROPPED]);
  }
}

/**
 * Nothing comes there. A program that some device runs is in the kernel's XDP dispatcher, which sending would otherwise change each
 * time, and wait some ms for until no CPU can be in the old one. It goes with its namespace.
 */
const idleDevice = (netns: Netns): number => {
  const route = openRtnetlink(netns);
  try {
    const name = `idle${threadId}`;
    createVeth(route, { name }, { name: `${name}far` });
    return linkByName(route, name).index;
  } finally {
    route.close();
  }
};

const TX_DROPPED = 11;
