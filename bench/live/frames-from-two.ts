/**
 * Frames from two CPUs, where one cannot make as many as are asked for: most from this thread's, the rest from that of whoever
 * reads them. The interface has a queue for each, or one CPU would take what both send.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { openNode } from "../../src/lab/index.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { FrameGenerator } from "./frame-generator.ts";
import type { FramePlaces } from "./generator.bpf.ts";

/** What is sent, and from where. */
export interface Place {
  readonly lab: string;
  readonly node: string;
  readonly device: { readonly name: string; readonly index: number };
  readonly frame: Uint8Array;
  readonly places: FramePlaces;
}

export interface Order {
  readonly perSecond: number;
  readonly seconds: number;
}

/** Of all packets. The other CPU reads them besides. */
const SHARE_BESIDE = 0.42;

export class FramesFromTwo {
  readonly #netns: Netns;
  readonly #here: FrameGenerator;
  readonly #beside: Worker;
  #sentBeside = 0;

  private constructor(place: Place, beside: Worker) {
    this.#netns = openNode(place.lab, place.node);
    this.#here = new FrameGenerator(this.#netns, place.device, place.frame, place.places);
    this.#beside = beside;
  }

  /** To be called before this thread is pinned, since threads inherit that. */
  static async open(place: Place, cpuBeside: number): Promise<FramesFromTwo> {
    const beside = new Worker(new URL("./frames-beside.ts", import.meta.url), {
      workerData: { ...place, cpu: cpuBeside },
    });
    await once(beside, "message");
    return new FramesFromTwo(place, beside);
  }

  /** What was handed to the interface, less what it dropped. */
  get delivered(): number {
    return this.#here.delivered + this.#sentBeside;
  }

  async run(perSecond: number, seconds: number): Promise<void> {
    const answer = once(this.#beside, "message") as Promise<[number]>;
    this.#beside.postMessage({ perSecond: perSecond * SHARE_BESIDE, seconds } satisfies Order);
    await this.#here.run(perSecond * (1 - SHARE_BESIDE), seconds);
    [this.#sentBeside] = await answer;
  }

  async close(): Promise<void> {
    this.#here.close();
    this.#netns.close();
    await this.#beside.terminate();
  }
}
