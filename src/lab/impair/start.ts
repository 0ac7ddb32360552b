/** Impairments of a device while this process runs: they end with it, however it ends, because nothing is pinned. */
import { attachTc } from "../../bpf/attach/tc.ts";
import type { Attachment, Device } from "../../bpf/attach/attachment.ts";
import { attachXdp } from "../../bpf/attach/xdp.ts";
import { kernelBtf } from "../../bpf/btf/kernel-btf.ts";
import { load } from "../../bpf/instance.ts";
import type { LoadedProgram } from "../../bpf/loaded-program.ts";
import { compile } from "../../compiler/compile.ts";
import { ConfigError, HopmarkError } from "../../errors.ts";
import type { Program } from "../../kernel/program.ts";
import type { Watch } from "../../linux/ffi.ts";
import { currentNetns, openNetns, type Netns } from "../../linux/netns.ts";
import { PacketSocket } from "../../linux/packet-socket.ts";
import { linkByName, type Link } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { HitList, type HarmReport } from "./hit-list.ts";
import {
  comeBack,
  hitRing,
  impair,
  impairAtXdp,
  ImpairCounter,
  impairCounters,
  matched,
  RETURN_MARK,
  stopped,
} from "./impair.bpf.ts";
import { heldRing } from "./keep.bpf.ts";
import { Relay, type RelayCounts } from "./relay.ts";
import { needsRelay, type ImpairRules } from "./rules.ts";

/** Where packets are harmed. */
export interface ImpairPlaceOptions {
  readonly device: string;
  /** By NAME, PATH or PID; the caller's own without it. */
  readonly netns?: string | undefined;
  /** What the device receives, or what it sends. */
  readonly direction?: "ingress" | "egress";
  /** `auto`: loss alone is done at XDP where the driver can, everything else at tc. */
  readonly hook?: "auto" | "tc" | "xdp";
}

/** What was done so far. */
export interface ImpairReport {
  readonly device: string;
  readonly direction: "ingress" | "egress";
  readonly hook: "xdp" | "tc";
  readonly seed: string;
  /** Packets that counted. */
  readonly matched: number;
  readonly loss: HarmReport;
  readonly duplicate: HarmReport;
  readonly reorder: HarmReport;
  readonly delay: HarmReport;
  /** Packets that wait now, and what became of those that waited; null when none are to wait. */
  readonly relay: (RelayCounts & { readonly waiting: number; readonly epochs: readonly number[] | null }) | null;
  /** Packets that were hit but are on no list, could not be copied, or could not be held and went on at once. */
  readonly unlisted: number;
  readonly notCopied: number;
  readonly notHeld: number;
}

/**
 * Attaches the programs. Close it.
 * @throws ConfigError for rules that cannot go together or not there; HopmarkError `busy`; NetlinkError for no such device
 */
export const startImpair = (place: ImpairPlaceOptions, rules: ImpairRules): Impair => {
  checkRules(place, rules);
  const netns = place.netns === undefined ? currentNetns() : openNetns(place.netns);
  try {
    return new Impair(netns, linkIn(netns, place.device), place, rules);
  } catch (error) {
    netns.close();
    throw error;
  }
};

/** Impairments at work, from {@link startImpair}. Close it. */
export class Impair {
  readonly link: Link;
  readonly netns: Netns;
  readonly hook: "xdp" | "tc";
  readonly direction: "ingress" | "egress";
  readonly #rules: ImpairRules;
  readonly #hits = new HitList();
  readonly #program: LoadedProgram;
  readonly #relay: Relay | null = null;
  readonly #watches: Watch[] = [];
  readonly #attachments: Attachment[] = [];
  #undo: (() => void)[] = [];
  #last: ImpairReport | undefined;

  /** Takes the namespace over, when it succeeds. */
  constructor(netns: Netns, link: Link, place: ImpairPlaceOptions, rules: ImpairRules) {
    this.netns = netns;
    this.link = link;
    this.direction = place.direction ?? "ingress";
    this.#rules = rules;
    const device = { ifindex: link.index, netns, name: link.name };
    try {
      if (needsRelay(rules)) this.#relay = this.#openRelay(device);
      const { program, hook } = this.#attach(device, place.hook ?? "auto");
      this.#program = program;
      this.hook = hook;
      const hits = program.map(hitRing);
      const timer = setInterval(() => hits.poll(this.#hits.take), READ_HITS_MS);
      this.#undo.push(() => clearInterval(timer));
      if (this.#relay !== null) this.#watches.push(program.map(heldRing).watch(this.#relay.take, this.#relay.run));
    } catch (error) {
      this.#undoAll();
      throw error;
    }
  }

  /** Holds again, or starts the next epoch. @throws ConfigError when nothing is told to be held */
  buffer(): void {
    this.#held().buffer();
  }

  /** Lets the oldest epoch go. */
  releaseOne(): void {
    this.#readNow();
    this.#held().releaseOne();
    this.#relay?.run();
  }

  /** Lets all go, and all that comes. */
  releaseAll(): void {
    this.#readNow();
    this.#held().releaseAll();
    this.#relay?.run();
  }

  report(): ImpairReport {
    if (this.#last !== undefined) return this.#last;
    this.#readNow();
    const counters = this.#program.map(impairCounters);
    const count = (at: number): number => Number(counters.sum(at)?.value ?? 0n);
    return {
      device: this.link.name,
      direction: this.direction,
      hook: this.hook,
      seed: String(this.#rules.seed),
      matched: Number(this.#program.map(matched).value),
      ...this.#hits.report(),
      relay:
        this.#relay === null
          ? null
          : { ...this.#relay.counts, waiting: this.#relay.waiting, epochs: this.#relay.held?.epochs ?? null },
      unlisted: count(ImpairCounter.unlisted),
      notCopied: count(ImpairCounter.notCopied),
      notHeld: count(ImpairCounter.notHeld),
    };
  }

  /** Lets packets pass as they come, sends what waits, and returns what was done. Twice is fine. */
  close(): ImpairReport {
    if (this.#last !== undefined) return this.#last;
    // The programs stay until all that waits has come by them.
    this.#program.map(stopped).value = 1;
    const last = this.report();
    for (const watch of this.#watches) watch.close();
    const waited = this.#relay?.waiting ?? 0;
    const unsent = this.#relay?.close() ?? 0;
    this.#last =
      last.relay === null || this.#relay === null
        ? last
        : { ...last, relay: { ...this.#relay.counts, waiting: unsent, epochs: null } };
    if (waited > 0) settle();
    for (const attachment of this.#attachments.toReversed()) attachment.detach();
    this.#undoAll();
    return this.#last;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #held(): NonNullable<Relay["held"]> {
    const held = this.#relay?.held;
    if (held !== null && held !== undefined) return held;
    throw new ConfigError(`nothing is held at ${this.link.name}`, { hint: "start it with --buffer" });
  }

  /** Records that came before now; what they brought may be due, and nobody else is told of it. */
  #readNow(): void {
    this.#program.map(hitRing).poll(this.#hits.take);
    if (this.#relay === null) return;
    this.#program.map(heldRing).poll(this.#relay.take);
    this.#relay.run();
  }

  #openRelay(device: Device): Relay {
    if (this.link.mac === "")
      throw new ConfigError(`${this.link.name} has no Ethernet header: packets cannot be held there`, {
        hint: "delay, reorder and hold at an Ethernet device; loss and duplication work here",
      });
    const socket = new PacketSocket(this.netns, device.ifindex, { protocol: 0, virtioHeader: true, mark: RETURN_MARK });
    const relay = new Relay(socket, this.#rules);
    this.#undo.push(() => relay.close());
    if (this.direction === "egress") return relay;
    const program = this.#load(comeBack);
    this.#keep(attachTc(program, device, { direction: "egress", order: "first" }));
    return relay;
  }

  #attach(device: Device, wanted: "auto" | "tc" | "xdp"): { program: LoadedProgram; hook: "xdp" | "tc" } {
    const lengthBefore = this.link.mac === "" ? 0 : ETHERNET_BYTES;
    if (wanted !== "tc" && this.direction === "ingress" && isLossAlone(this.#rules)) {
      const program = this.#load(impairAtXdp(this.#rules, lengthBefore));
      try {
        this.#keep(attachXdp(program, device, { mode: "native" }));
        return { program, hook: "xdp" };
      } catch (error) {
        if (wanted === "xdp" || !(error instanceof HopmarkError) || !xdpCannot.has(error.code)) throw error;
      }
    }
    const { direction } = this;
    const program = this.#load(impair(this.#rules, { direction, link: lengthBefore }));
    this.#keep(attachTc(program, device, { direction, order: "first" }));
    return { program, hook: "tc" };
  }

  #load(program: Program<"tc"> | Program<"xdp">): LoadedProgram {
    const loaded = load(compile(program, { kernelTypes: kernelBtf() }), { maps: allMaps });
    this.#undo.push(() => loaded.close());
    return loaded;
  }

  #keep(attachment: Attachment): void {
    this.#attachments.push(attachment);
    this.#undo.push(() => attachment.close());
  }

  #undoAll(): void {
    for (const step of this.#undo.toReversed()) step();
    this.#undo = [];
    this.netns.close();
  }
}

/** Made whether or not the rules leave code that names them. */
const allMaps = [hitRing, heldRing, impairCounters, matched, stopped];

const ETHERNET_BYTES = 14;
/** The ring holds 100,000 hits, and waking a reader for each of them costs more than reading it. */
const READ_HITS_MS = 10;
const SETTLE_MS = 5;

/** Codes of errors that say that XDP is not possible at a device. */
const xdpCannot: ReadonlySet<string> = new Set(["busy", "mtu", "unsupported", "xdp-native"]);

/** Packets on their way back are in the queue of a CPU. */
const settle = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLE_MS);

const isLossAlone = (rules: ImpairRules): boolean => rules.duplicate === null && !needsRelay(rules);

const checkRules = ({ direction = "ingress", hook = "auto" }: ImpairPlaceOptions, rules: ImpairRules): void => {
  const { loss, duplicate, reorder, delay, hold } = rules;
  if ([loss, duplicate, reorder, delay, hold].every((rule) => rule === null))
    throw new ConfigError("nothing to do to packets", {
      hint: "say --loss, --duplicate, --reorder, --delay or --buffer, each with which packets: --loss 1%",
    });
  if (hold !== null && (reorder !== null || delay !== null))
    throw new ConfigError("packets that are held are let go by hand: they have no delay and no place of their own", {
      hint: "use --buffer without --delay and --reorder",
    });
  if (hook === "xdp" && (direction === "egress" || !isLossAlone(rules)))
    throw new ConfigError("XDP sees what comes in only, and can do nothing to packets here but lose them", {
      hint: "leave --hook out, or use --hook tc",
    });
};

const linkIn = (netns: Netns, device: string): Link => {
  const socket = openRtnetlink(netns);
  try {
    return linkByName(socket, device);
  } finally {
    socket.close();
  }
};
