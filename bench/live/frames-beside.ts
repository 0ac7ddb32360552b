/**
 * A thread that sends frames on the CPU of whoever reads them, when that one leaves it free: what `frames-from-two.ts` starts. It is
 * told `{ perSecond, seconds }` and answers with how many it has sent in all.
 */
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { openNode } from "../../src/lab/index.ts";
import { pinToOneCpu } from "../../tests/fuzz/pin-cpu.ts";
import { FrameGenerator } from "./frame-generator.ts";
import type { Order, Place } from "./frames-from-two.ts";

/** Whoever else wants the CPU has it. */
const LAST = 19;

const { lab, node, device, frame, places, cpu } = workerData as Place & { readonly cpu: number };
pinToOneCpu(cpu);
// 0 is this thread, not the process (setpriority(2), "C library/kernel differences").
setPriority(0, LAST);
const netns = openNode(lab, node);
const generator = new FrameGenerator(netns, device, frame, places);
parentPort?.on("message", ({ perSecond, seconds }: Order) => {
  void generator.run(perSecond, seconds).then(() => parentPort?.postMessage(generator.sent));
});
parentPort?.postMessage(0);
