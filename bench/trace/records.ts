/** Records of three hops, of 64 flows on 64 paths, as they lie in a ring. */
import { TraceRecord } from "../../src/mark/ioam/record.ts";
import { fieldOf, writeField } from "../../src/wire/codec.ts";
import { encodeIoamTrace } from "../../src/wire/ioam/encode.ts";
import { IpProtocol } from "../../src/wire/numbers.ts";

export const PATHS = 64;
const START_US = 1_763_704_833_000_000;

export const makeRecords = (): Uint8Array => {
  const records = new Uint8Array(PATHS * TraceRecord.size);
  for (let path = 0; path < PATHS; path++) {
    const at = path * TraceRecord.size;
    const trace = encodeIoamTrace({
      namespaceId: 123,
      traceType: 0xfe0000,
      size: 84,
      hops: [0, 1, 2].map((hop) => ({
        nodeId: hop * 1000 + path,
        ingressId: hop * 10 + 1,
        egressId: hop * 10 + 2,
        hopLimit: 64 - hop,
        timestampNs: `${START_US + hop * (10 + path)}000`,
        transitDelayNs: 1000 + path,
        namespaceData: "0xdeadbeef",
        queueDepth: 0,
      })),
    });
    const write = (name: string, value: unknown): void => writeField(fieldOf(TraceRecord, name), value, records, at);
    write("timestampNs", BigInt(START_US + 100) * 1000n);
    write("segments", 1);
    write("packetLength", 300);
    write("protocol", IpProtocol.Tcp);
    write("sourcePort", 40_000 + path);
    write("traceLength", trace.length);
    records.set(trace, at + fieldOf(TraceRecord, "trace").bitOffset / 8);
  }
  return records;
};
