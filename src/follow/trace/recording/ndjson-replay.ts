/** Lines of JSON as the session that they recorded. */
import { outcomeNames } from "../../../mark/ioam/outcome.ts";
import { MAX_TRACE_BYTES, TraceRecord } from "../../../mark/ioam/record.ts";
import { parseAddress } from "../../../wire/address.ts";
import { fromHex } from "../../../wire/hex.ts";
import { E2eBit, HOPMARK_E2E_TYPE } from "../../../wire/ioam/edge-to-edge.ts";
import { protocolNumber } from "../protocol-name.ts";
import { recordOffsets } from "../record-layout.ts";
import { factsOfNothing, type Replay, type ReplayHandler } from "./session.ts";
import { factsFromJson, stateFromJson } from "./session-json.ts";

const NEWLINE = 0x0a;

export class NdjsonReplay implements Replay {
  readonly #handler: ReplayHandler;
  readonly #decoder = new TextDecoder();
  readonly #view = new DataView(new ArrayBuffer(TraceRecord.size));
  readonly #record = new Uint8Array(this.#view.buffer);
  /** The start of a line whose end has not come. */
  #rest = "";
  #lines = 0;
  #begun = false;
  #unreadable = 0;
  #firstUnreadable = 0;

  constructor(handler: ReplayHandler) {
    this.#handler = handler;
  }

  push(chunk: Uint8Array): boolean {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      this.#rest += this.#decoder.decode(chunk, { stream: true });
      return true;
    }
    const lines = (this.#rest + this.#decoder.decode(chunk.subarray(0, last), { stream: true })).split("\n");
    this.#rest = this.#decoder.decode(chunk.subarray(last + 1), { stream: true });
    for (const line of lines) this.#line(line);
    return true;
  }

  end(): string | null {
    const cut = this.#rest !== "" && !this.#line(this.#rest);
    if (cut) return `cut in line ${this.#lines}: the last line is not whole`;
    if (this.#unreadable === 0) return null;
    return `${this.#unreadable} ${this.#unreadable === 1 ? "line" : "lines"} cannot be read, the first is line ${this.#firstUnreadable}`;
  }

  #line(text: string): boolean {
    this.#lines++;
    if (text.trim() === "" || this.#value(text)) return true;
    if (this.#unreadable++ === 0) this.#firstUnreadable = this.#lines;
    return false;
  }

  #value(text: string): boolean {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return false;
    }
    if (typeof value !== "object" || value === null) return false;
    const facts = factsFromJson(value);
    if (!this.#begun) {
      this.#begun = true;
      this.#handler.begin(facts ?? factsOfNothing);
    }
    if (facts !== null) return true;
    const state = stateFromJson(value);
    if (state !== null) this.#handler.state(state);
    const { type, ...properties } = { type: undefined, ...value };
    if (type !== "path") return true; // other lines are none of ours
    if (!this.#write(properties)) return false;
    this.#handler.record(this.#view, 0);
    return true;
  }

  /** Makes the record that the line was made of; false when something of it is missing. */
  #write(line: Readonly<Record<string, unknown>>): boolean {
    const { timestampNs, source, destination, trace, protocol, outcome } = line;
    if (typeof timestampNs !== "string" || !/^\d{1,19}$/.test(timestampNs)) return false;
    if (typeof source !== "string" || typeof destination !== "string" || typeof trace !== "string") return false;
    const [view, record, at] = [this.#view, this.#record, recordOffsets];
    const bytes = bytesOf(trace);
    record.fill(0);
    if (bytes === null || bytes.length > MAX_TRACE_BYTES) return false;
    if (!parseAddress("ipv6", source, record, at.source)) return false;
    if (!parseAddress("ipv6", destination, record, at.destination)) return false;
    const tunnel: unknown = line["tunnel"];
    const ends = typeof tunnel === "object" && tunnel !== null ? { source: "", destination: "", ...tunnel } : line;
    if (!parseAddress("ipv6", String(ends["source"]), record, at.outerSource)) return false;
    if (!parseAddress("ipv6", String(ends["destination"]), record, at.outerDestination)) return false;
    record[at.isTunnelled] = ends === line ? 0 : 1;
    const numbered = numberingOf(line["edgeToEdge"]);
    if (numbered === null) return false;
    view.setUint16(at.e2eType, numbered.e2eType, true);
    view.setBigUint64(at.e2eSequence, numbered.sequence, true);
    view.setBigUint64(at.e2eTimestampNs, numbered.timestampNs, true);
    view.setBigUint64(at.timestampNs, BigInt(timestampNs), true);
    view.setUint32(at.packetLength, numberOf(line["packetLength"]), true);
    view.setUint32(at.ifindex, numberOf(line["ifindex"]), true);
    record[at.protocol] = typeof protocol === "string" ? protocolNumber(protocol) : 0;
    record[at.outcome] = typeof outcome === "string" ? Math.max(0, outcomeNames.indexOf(outcome)) : numberOf(outcome);
    view.setUint16(at.segments, numberOf(line["segments"]), true);
    view.setUint16(at.sourcePort, numberOf(line["sourcePort"]), true);
    view.setUint16(at.destinationPort, numberOf(line["destinationPort"]), true);
    view.setUint16(at.traceLength, bytes.length, true);
    record.set(bytes, at.trace);
    return true;
  }
}

/** What the line says of the packet's number; null when that cannot be read. */
const numberingOf = (value: unknown): { e2eType: number; sequence: bigint; timestampNs: bigint } | null => {
  if (typeof value !== "object" || value === null) return { e2eType: 0, sequence: 0n, timestampNs: 0n };
  const { sequence, timestampNs }: { sequence?: unknown; timestampNs?: unknown } = value;
  const isTimed = timestampNs !== undefined;
  const texts = [sequence, isTimed ? timestampNs : "0"];
  if (!texts.every((text) => typeof text === "string" && /^\d{1,20}$/.test(text))) return null;
  const [number = 0n, time = 0n] = texts.map((text) => BigInt.asUintN(64, BigInt(String(text))));
  return { e2eType: isTimed ? HOPMARK_E2E_TYPE : E2eBit.Sequence, sequence: number, timestampNs: time };
};

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);

const bytesOf = (text: string): Uint8Array | null => {
  try {
    return fromHex(text);
  } catch {
    return null;
  }
};
