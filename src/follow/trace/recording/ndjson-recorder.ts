/** Records as lines of JSON: for people, jq and data bases. Every line is the path as `--json` prints it, and the bytes. */
import { outcomeNames } from "../../../mark/ioam/outcome.ts";
import { toHex } from "../../../wire/hex.ts";
import { pathObject, type NodeNames } from "../path-object.ts";
import { readU16, readU32, recordOffsets } from "../record-layout.ts";
import type { Recorder, SessionFacts, SessionState } from "./session.ts";
import { factsJson, jsonText, stateJson } from "./session-json.ts";

const encoder = new TextEncoder();
const NEWLINE = 0x0a;

export class NdjsonRecorder implements Recorder {
  readonly #application: string;
  #names: NodeNames = new Map();
  #lines: string[] = [];

  /** `application` is who writes it: `hopmark 1.2.3`. */
  constructor(application: string) {
    this.#application = application;
  }

  begin(facts: SessionFacts): void {
    this.#names = facts.names;
    this.#line({ ...factsJson(facts), application: this.#application });
  }

  add(record: Uint8Array, offset: number): void {
    const { type, ...path } = pathObject(record, offset, this.#names);
    const { timestampNs, traceLength, trace, sourcePort, destinationPort, packetLength, ifindex } = recordOffsets;
    const view = new DataView(record.buffer, record.byteOffset + offset);
    const outcome = record[offset + recordOffsets.outcome]!;
    this.#line({
      type,
      timestampNs: view.getBigUint64(timestampNs, true),
      ...path,
      sourcePort: readU16(record, offset + sourcePort),
      destinationPort: readU16(record, offset + destinationPort),
      packetLength: readU32(record, offset + packetLength),
      ifindex: readU32(record, offset + ifindex),
      outcome: outcomeNames[outcome] ?? outcome,
      trace: toHex(record, offset + trace, readU16(record, offset + traceLength)),
    });
  }

  state(state: SessionState): void {
    this.#line(stateJson(state));
  }

  take(): Uint8Array {
    if (this.#lines.length === 0) return new Uint8Array(0);
    const bytes = encoder.encode(this.#lines.join(""));
    this.#lines = [];
    return bytes;
  }

  wholeOf(bytes: Uint8Array, length: number): number {
    return bytes.subarray(0, length).lastIndexOf(NEWLINE) + 1;
  }

  #line(value: unknown): void {
    this.#lines.push(`${jsonText(value)}\n`);
  }
}
