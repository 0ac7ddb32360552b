/** A pcapng file as the session it recorded; any other capture as what its packets say. */
import { outcomeNames } from "../../../mark/ioam/outcome.ts";
import { PcapngReader, type CapturedPacket, type OptionsPlace } from "../../../wire/pcapng/reader.ts";
import { packetTimeNs } from "../../../wire/pcapng/reader.ts";
import { valueInComments } from "./comment.ts";
import { RecordsOfPacket, type RecordRemarks } from "./records-of-packet.ts";
import { factsOfNothing, type Replay, type ReplayHandler, type SessionFacts } from "./session.ts";
import { factsFromJson, stateFromJson } from "./session-json.ts";

export class PcapngReplay implements Replay {
  readonly #handler: ReplayHandler;
  readonly #reader: PcapngReader;
  readonly #records = new RecordsOfPacket();
  readonly #take: (view: DataView, offset: number) => void;
  #facts: SessionFacts | undefined;
  /** By interface. */
  #ordinary: RecordRemarks[] = [];
  /** Of a capture that is not ours, its packets are all that is counted. */
  #foreign: { readonly startNs: bigint; lastNs: bigint; traces: number } | undefined;

  constructor(handler: ReplayHandler) {
    this.#handler = handler;
    this.#reader = new PcapngReader({
      section: (options) => this.#section(options),
      interface: (_, options) => this.#interface(options),
      packet: (packet) => this.#packet(packet),
      statistics: (_, options) => this.#statistics(options),
    });
    this.#take = (view, offset) => {
      if (this.#foreign !== undefined) this.#foreign.traces++;
      handler.record(view, offset);
    };
  }

  push(chunk: Uint8Array): boolean {
    return this.#reader.push(chunk);
  }

  end(): string | null {
    const wrong = this.#reader.end();
    const { lastNs = 0n, startNs = 0n, traces = 0 } = this.#foreign ?? {};
    if (this.#facts === factsOfNothing) {
      const count = BigInt(traces);
      this.#handler.state({
        seconds: Math.round(Number(lastNs - startNs) / 1e6) / 1000,
        after: { encap: [], transit: [], sink: { received: count, segments: count } },
        clock: null,
        ended: wrong === null,
      });
    }
    return wrong;
  }

  #section(options: OptionsPlace): void {
    this.#ordinary = [];
    // Files that were put behind each other: the first one says what it is about.
    if (this.#facts !== undefined) return;
    this.#facts = factsFromJson(valueInComments(options)) ?? factsOfNothing;
    this.#handler.begin(this.#facts);
  }

  #interface(options: OptionsPlace): void {
    const { ifindex } = propertiesOf(valueInComments(options));
    const { linkHeaderBytes = 0 } = this.#facts ?? {};
    this.#ordinary.push({
      segments: 1,
      outcome: 0,
      ifindex: typeof ifindex === "number" ? ifindex : this.#ordinary.length,
      linkHeaderBytes,
    });
  }

  #packet(packet: CapturedPacket): void {
    if (this.#facts === factsOfNothing) {
      const timeNs = packetTimeNs(packet);
      this.#foreign ??= { startNs: timeNs, lastNs: timeNs, traces: 0 };
      this.#foreign.lastNs = timeNs;
    }
    const ordinary = this.#ordinary[packet.interface.id]!;
    this.#records.visit(packet, remarksOf(packet.options, ordinary), this.#take);
  }

  #statistics(options: OptionsPlace): void {
    const state = stateFromJson(valueInComments(options));
    if (state !== null) this.#handler.state(state);
  }
}

/** Bytes of options that hold no comment: the packet's flags and the end. */
const WITHOUT_COMMENT = 12;

const remarksOf = (options: OptionsPlace, ordinary: RecordRemarks): RecordRemarks => {
  if (options.to - options.from <= WITHOUT_COMMENT) return ordinary;
  const { segments, outcome } = propertiesOf(valueInComments(options));
  const named = typeof outcome === "string" ? outcomeNames.indexOf(outcome) : Number(outcome ?? 0);
  return { ...ordinary, segments: typeof segments === "number" ? segments : 1, outcome: Math.max(0, named) };
};

const propertiesOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};
