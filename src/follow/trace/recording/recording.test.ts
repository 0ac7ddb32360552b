import { mkdtempSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_TRACE_BYTES, TraceRecord } from "../../../mark/ioam/record.ts";
import { encodeLayout } from "../../../wire/codec.ts";
import { ipv6 } from "../../../wire/address.ts";
import { toHex } from "../../../wire/hex.ts";
import { encodeIoamTrace } from "../../../wire/ioam/encode.ts";
import { recordOf } from "../fixtures/records.ts";
import { recordingFormats } from "./format-name.ts";
import { recorderOf, replayOf } from "./format.ts";
import { RecordingFile } from "./recording-file.ts";
import type { Recorder, SessionFacts, SessionState } from "./session.ts";

const facts: SessionFacts = {
  source: "h_aramis in musketeers-aramis",
  startNs: 1_763_704_833_000_000_000n,
  transit: null,
  names: new Map([
    [1, "athos"],
    [3, "aramis"],
  ]),
  sharedClock: true,
  ifindex: 2,
  linkHeaderBytes: 14,
  before: { encap: [{ sent: 5n, segments: 9n }], transit: [], sink: { received: 2n ** 60n, ringFull: 1n } },
  clock: {
    taiOffsetNs: 37_000_000_000n,
    measuredNs: 1_763_704_833_000_000_000n,
    discipline: { synchronised: true, estimatedErrorNs: 12_000, maximumErrorNs: 400_000 },
    steppedNs: 0,
  },
};
const state: SessionState = {
  seconds: 1.25,
  after: { encap: [{ sent: 7n }, { sent: 1n }], transit: [{}], sink: { received: 2n ** 60n + 3n, ringFull: 4n } },
  clock: null,
  ended: true,
};

interface Told {
  readonly begun: SessionFacts[];
  /** In hexadecimal: quick to compare. */
  readonly records: string[];
  readonly states: SessionState[];
  readonly end: string | null;
}

const replayed = (file: Uint8Array, chunk = file.length): Told => {
  const told = { begun: [], records: [], states: [] } as Omit<Told, "end">;
  const replay = replayOf(file, {
    begin: (begun) => told.begun.push(begun),
    record: (view, offset) => told.records.push(toHex(new Uint8Array(view.buffer), offset, TraceRecord.size)),
    state: (one) => told.states.push(one),
  });
  for (let at = 0; at < file.length; at += chunk) replay?.push(file.subarray(at, at + chunk));
  return { ...told, end: replay?.end() ?? null };
};

const recorded = (recorder: Recorder, records: readonly Uint8Array[]): Uint8Array => {
  const parts: number[] = [];
  const take = (): void => void parts.push(...recorder.take());
  recorder.begin(facts);
  for (const record of records) {
    recorder.add(Uint8Array.of(9, 9, 9, ...record), 3);
    take();
  }
  recorder.state(state);
  take();
  return Uint8Array.from(parts);
};

const hexOf = (records: readonly Uint8Array[]): string[] => records.map((record) => toHex(record));
const NEWLINE = 0x0a;

const traceOf = (nodeId: number): Uint8Array =>
  encodeIoamTrace({ namespaceId: 1, traceType: 0xf00000, hops: [{ nodeId, timestampNs: "1763704833000010000" }] });
const some = [1, 2, 3].map((nodeId) => recordOf(traceOf(nodeId)));

/** Records as a sink may make them: any trace, however wrong, of packets that are long enough to have carried it. */
const anyRecord = fc
  .record({
    trace: fc.uint8Array({ minLength: 1, maxLength: MAX_TRACE_BYTES }),
    timestampNs: fc.bigInt({ min: 0n, max: 2n ** 63n }),
    protocol: fc.constantFrom(6, 17, 58, 41, 200),
    isTunnelled: fc.constantFrom(0, 0, 1),
    number: fc.constantFrom(null, null, { e2eType: 0x8000, timestampUs: 0n }, { e2eType: 0xb000, timestampUs: 1n }),
    sequence: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    packetLength: fc.integer({ min: 400, max: 2 ** 20 }),
    outcome: fc.integer({ min: 0, max: 8 }),
    segments: fc.constantFrom(1, 1, 2, 0xffff),
    port: fc.integer({ min: 0, max: 0xffff }),
    ifindex: fc.constantFrom(2, 2, 77),
  })
  .map(({ trace, port, number, sequence, ...rest }) => {
    const hasPorts = rest.protocol === 6 || rest.protocol === 17;
    return encodeLayout(TraceRecord, {
      ...rest,
      source: ipv6("db01::1"),
      destination: ipv6("fe80::ffff:1"),
      outerSource: ipv6(rest.isTunnelled === 1 ? "db00::7" : "db01::1"),
      outerDestination: ipv6(rest.isTunnelled === 1 ? "db00::8" : "fe80::ffff:1"),
      e2eType: number?.e2eType ?? 0,
      e2eSequence: number === null ? 0n : sequence,
      e2eTimestampNs: number === null ? 0n : number.timestampUs * 1_763_704_833_123_456_000n,
      sourcePort: hasPorts ? port : 0,
      destinationPort: hasPorts ? port ^ 0x5555 : 0,
      traceLength: trace.length,
      trace: [...trace, ...new Uint8Array(MAX_TRACE_BYTES - trace.length)],
    });
  });

describe.each(recordingFormats)("%s", (format) => {
  const recorder = (): Recorder => recorderOf(format, "test 1.0");

  test("records, facts and counters come back as they were, in chunks of any size", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 5 }), fc.integer({ min: 1, max: 999 }), (records, chunk) => {
        const told = replayed(recorded(recorder(), records), chunk);
        expect(told).toEqual({ begun: [facts], records: hexOf(records), states: [state], end: null });
      }),
      { numRuns: 60 },
    );
  });

  test("what is cut off is missing, and nothing else", () => {
    const file = recorded(recorder(), some);
    for (let length = 1; length < file.length; length += 7) {
      const { records, end } = replayed(file.subarray(0, length));
      expect(records).toEqual(hexOf(some).slice(0, records.length));
      const whole = recorder().wholeOf(file, length);
      // A line is whole without its end, too.
      const lineIsWhole = format === "ndjson" && file[length] === NEWLINE;
      expect(end).toEqual(whole === length || lineIsWhole ? null : expect.stringMatching(/^cut (at byte|in line) \d+/));
      if (!lineIsWhole) expect(replayed(file.subarray(0, whole))).toMatchObject({ records, end: null });
    }
  });

  test("bytes that are none of ours never throw", () => {
    const file = recorded(recorder(), some);
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.uint8Array({ minLength: 1, maxLength: 30 }), (at, noise) => {
        const mutated = file.slice();
        mutated.set(noise.subarray(0, file.length - at), at);
        replayed(mutated);
      }),
    );
  });

  test("many counters are more than one comment holds", () => {
    const encap = Array.from({ length: 3000 }, (_, index) => ({ sent: BigInt(index), tooBig: 0n }));
    const one = recorder();
    one.begin({ ...facts, before: { ...facts.before, encap } });
    expect(replayed(one.take().slice()).begun[0]?.before.encap).toEqual(encap);
  });
});

test("a line that cannot be read is told, and the others are kept", () => {
  const lines = new TextDecoder().decode(recorded(recorderOf("ndjson", "test"), some)).split("\n");
  lines.splice(2, 0, "{oh", '{"type":"else"}', '{"type":"path","trace":"0x00"}', "");
  const told = replayed(new TextEncoder().encode(lines.join("\n")));
  expect(told).toMatchObject({
    records: hexOf(some),
    states: [state],
    end: "2 lines cannot be read, the first is line 3",
  });
});

test("names and values in the other order, and later versions, are read", () => {
  const line = { future: 1, names: {}, counters: { encap: [], transit: [], sink: {} }, startNs: "0" };
  const text = JSON.stringify({ ...line, linkHeaderBytes: 0, ifindex: 1, source: "x", version: 9, type: "recording" });
  expect(replayed(new TextEncoder().encode(`${text}\n`)).begun).toMatchObject([{ source: "x", startNs: 0n }]);
});

describe("a file", () => {
  /** A disk or pipe that takes so many bytes, then says why not. */
  const room = (bytes: number, code: string) => {
    const taken: number[] = [];
    let left = bytes;
    return {
      taken,
      more: (more: number) => (left += more),
      write: (_: number, data: Uint8Array): number => {
        const part = data.subarray(0, Math.min(left, 100));
        if (part.length === 0) throw Object.assign(new Error(code), { code });
        left -= part.length;
        taken.push(...part);
        return part.length;
      },
    };
  };

  test("a full pipe keeps what waits, and goes on where it was", () => {
    const pipe = room(300, "EAGAIN");
    const file = new RecordingFile("-", recorderOf("pcapng", "test"), pipe.write);
    file.begin(facts);
    for (const record of some) file.add(record, 0);
    expect(file.flush()).toBe(false);
    expect(file.flush()).toBe(false);
    pipe.more(1e6);
    expect(file.flush()).toBe(true);
    expect(replayed(Uint8Array.from(pipe.taken))).toMatchObject({ records: hexOf(some), end: null });
  });

  test.each(recordingFormats)("a full disk is told, and what was written is whole: %s", (format) => {
    const path = join(mkdtempSync(join(tmpdir(), "hopmark-recording-")), "traces");
    const many = Array.from({ length: 10 }, () => some).flat();
    const disk = room(2500, "ENOSPC");
    const file = new RecordingFile(path, recorderOf(format, "test"), (fd, data) =>
      writeSync(fd, data.subarray(0, disk.write(fd, data))),
    );
    try {
      file.begin(facts);
      for (const record of many) file.add(record, 0);
      expect(() => file.flush()).toThrow(/cannot go on writing .*: no space left on the device/);
      const { records, end } = replayed(readFileSync(path));
      expect({ end, records }).toEqual({ end: null, records: hexOf(many).slice(0, records.length) });
      expect(records.length).toBeGreaterThan(0);
    } finally {
      file.close();
      rmSync(dirname(path), { recursive: true });
    }
  });

  test("a reader that has gone is no error", () => {
    const gone = room(0, "EPIPE");
    const file = new RecordingFile("-", recorderOf("ndjson", "test"), gone.write);
    file.begin(facts);
    expect(file.flush()).toBe(true);
  });

  test("one that cannot be made is refused", () => {
    const recorder = recorderOf("ndjson", "test");
    expect(() => new RecordingFile("/nosuch/folder/x", recorder)).toThrow(/cannot write .*: there is no such folder/);
    expect(() => new RecordingFile("/tmp", recorder)).toThrow(/cannot write \/tmp: that is a folder/);
  });
});
