/**
 * XDP programs that a device of a network namespace of its own runs. TEST_RUN puts what it runs into the kernel's XDP dispatcher, and
 * waits some ms until no CPU can be in the old one (a grace period of RCU), unless the dispatcher has the program already: as
 * long as it is attached, a run of 100 us takes 100 us. The dispatcher searches by halves: four programs are found equally fast.
 */
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { createNetns, deleteNetns, type Netns } from "../../src/linux/netns.ts";
import { createVeth, linkByName } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";

const SIDES = 3;

export class HeldPrograms {
  readonly #name = `hm-held-${process.pid}`;
  readonly #netns: Netns = createNetns(this.#name);
  readonly #devices: readonly number[];
  readonly #fourth: LoadedProgram;

  /** `fourth` is held as well, always. */
  constructor(fourth: LoadedProgram) {
    this.#fourth = fourth;
    const route = openRtnetlink(this.#netns);
    try {
      this.#devices = Array.from({ length: SIDES + 1 }, (_, at) => {
        createVeth(route, { name: `held${at}` }, { name: `far${at}` });
        return linkByName(route, `held${at}`).index;
      });
    } catch (error) {
      this.close();
      throw error;
    } finally {
      route.close();
    }
  }

  /** What `run` returns, which may run the programs without waiting. */
  while<T>(programs: readonly [LoadedProgram, LoadedProgram, LoadedProgram], run: () => T): T {
    const attached = [...programs, this.#fourth].map((program, at) =>
      program.attachXdp({ ifindex: this.#devices[at]!, netns: this.#netns }, { mode: "native" }),
    );
    try {
      return run();
    } finally {
      for (const attachment of attached) attachment.detach();
    }
  }

  close(): void {
    this.#netns.close();
    deleteNetns(this.#name);
  }
}
