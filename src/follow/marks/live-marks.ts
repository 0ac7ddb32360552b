/** Marks of the packets of an interface, as they come. */
import { attachTc } from "../../bpf/attach/tc.ts";
import type { Attachment } from "../../bpf/attach/attachment.ts";
import type { Direction } from "../../bpf/attach/order.ts";
import { loadAll, type Instance } from "../../bpf/instance.ts";
import type { RingReader } from "../../bpf/ring.ts";
import { compile } from "../../compiler/compile.ts";
import { currentNetns, openNetns, type Netns } from "../../linux/netns.ts";
import { linkByName } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import type { MarkFollower } from "./mark-follower.ts";
import { End, endOf, readRecord } from "./mark-record.ts";
import { MarkedPacket } from "./marked-packet.ts";
import { markRing, marksCounters, MarksCounter, tellMarks } from "./marks.bpf.ts";

/** Where packets are looked at. */
export interface MarksPlace {
  readonly device: string;
  /** By NAME, PATH or PID; the caller's own without it. */
  readonly netns?: string | undefined;
  /** Of what the device receives, or what it sends. */
  readonly direction: Direction;
}

/** `seen` = `read` + `lost` once all is read, exactly. */
export interface LiveCounts {
  /** Marked packets that came by; from rings, all packets that were copied. */
  readonly seen: number;
  readonly read: number;
  /** Those that nobody was told of, because nobody read in time: what they carried counts as lost. */
  readonly lost: number;
}

/** How often records are read: the ring holds seconds of them, and waking a reader for each costs more than reading it. */
const READ_MS = 5;
/** Read before timers and signals have their turn. */
const ROUND = 1 << 16;

/**
 * Tells the follower of every marked packet until it is closed: what is received at `receiver`, and, with a `sender` on the same
 * host, what is sent there. The follower must have been made with a sender then, too.
 */
export const followLive = (follower: MarkFollower, receiver: MarksPlace, sender?: MarksPlace): LiveMarks =>
  new LiveMarks(follower, receiver, sender);

/** Marks that are being followed. Close it. */
export class LiveMarks {
  readonly #instance: Instance;
  readonly #ring: RingReader;
  readonly #attachments: Attachment[] = [];
  readonly #opened: { close(): void }[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #take: (view: DataView, offset: number) => void;
  #read = 0;
  #last: LiveCounts | undefined;
  #startNs = NaN;

  constructor(follower: MarkFollower, receiver: MarksPlace, sender?: MarksPlace) {
    const packet = new MarkedPacket();
    this.#take = (view, offset) => {
      const timeNs = readRecord(packet, view, offset);
      if (Number.isNaN(this.#startNs)) this.#startNs = timeNs;
      this.#read++;
      if (endOf(view, offset) === End.Receiver) follower.receive(packet, timeNs - this.#startNs);
      else follower.send(packet, timeNs - this.#startNs);
    };
    try {
      const ends = [
        ...(sender === undefined ? [] : [{ place: sender, end: End.Sender }]),
        { place: receiver, end: End.Receiver },
      ].map(({ place, end }) => ({ place, end, device: this.#open(place) }));
      this.#instance = loadAll(ends.map(({ device, end }) => compile(tellMarks(device.link, end))));
      this.#opened.push(this.#instance);
      this.#ring = this.#instance.map(markRing);
      for (const [at, { place, device }] of ends.entries()) {
        const program = this.#instance.programs[at]!;
        this.#attachments.push(attachTc(program, device, { direction: place.direction }));
      }
    } catch (error) {
      this.#undoAll();
      throw error;
    }
    this.#timer = setInterval(() => this.read(), READ_MS);
  }

  /** Reads what is there. */
  read(): void {
    while (this.#ring.poll(this.#take, ROUND) === ROUND);
  }

  /** Since the first packet, as the follower's times count; NaN before it. */
  elapsedNs(): number {
    return Number(process.hrtime.bigint()) - this.#startNs;
  }

  counts(): LiveCounts {
    if (this.#last !== undefined) return this.#last;
    const counters = this.#instance.map(marksCounters);
    const count = (at: number): number => Number(counters.sum(at)?.value ?? 0n);
    return { seen: count(MarksCounter.seen), read: this.#read, lost: count(MarksCounter.ringFull) };
  }

  /** Looks no more at packets, and reads those that came before. Returns what was seen. Twice is fine. */
  close(): LiveCounts {
    if (this.#last !== undefined) return this.#last;
    clearInterval(this.#timer);
    for (const attachment of this.#attachments.splice(0)) attachment.detach();
    this.read();
    this.#last = this.counts();
    this.#undoAll();
    return this.#last;
  }

  #open({ device: name, netns: reference }: MarksPlace): {
    readonly ifindex: number;
    readonly netns: Netns;
    readonly name: string;
    readonly link: number;
  } {
    const netns = reference === undefined ? currentNetns() : openNetns(reference);
    this.#opened.push(netns);
    const socket = openRtnetlink(netns);
    try {
      const { index, mac } = linkByName(socket, name);
      return { ifindex: index, netns, name, link: mac === "" ? 0 : ETHERNET_BYTES };
    } finally {
      socket.close();
    }
  }

  #undoAll(): void {
    for (const attachment of this.#attachments.splice(0)) attachment.detach();
    for (const opened of this.#opened.splice(0).toReversed()) opened.close();
  }
}

const ETHERNET_BYTES = 14;
