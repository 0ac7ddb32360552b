import { describe, expect, test } from "vitest";
import { fieldOf, writeField } from "../../wire/codec.ts";
import { TraceRecord } from "../../mark/ioam/record.ts";
import { recordOf } from "./fixtures/records.ts";
import { FlowStatistics } from "./flow-statistics.ts";
import { FlowTable } from "./flow-table.ts";
import type { PathMove } from "./path-moves.ts";

const flowOf = (port: number, protocol = 6): Uint8Array => {
  const record = recordOf(new Uint8Array(8), { protocol });
  writeField(fieldOf(TraceRecord, "sourcePort"), port, record, 0);
  writeField(fieldOf(TraceRecord, "destinationPort"), 443, record, 0);
  return record;
};

describe("the table", () => {
  test("tells flows apart by addresses, ports and protocol, wherever the record lies", () => {
    const table = new FlowTable(1 << 10);
    const other = flowOf(1);
    other[24] = 0xfe;
    const records = [flowOf(1), flowOf(2), flowOf(1, 17), other];
    const places = records.map((record) => table.placeOf(Uint8Array.of(1, 2, 3, ...record), 3));
    expect(new Set(places).size).toBe(4);
    expect(records.map((record) => table.placeOf(record, 0))).toEqual(places);
    expect(table.identity(places[1]!)).toEqual({
      source: "db01::1",
      destination: "db02::2",
      protocol: "tcp",
      sourcePort: 2,
      destinationPort: 443,
    });
  });

  test("with more flows than places, those that were seen lately stay", () => {
    const table = new FlowTable(64);
    const kept = flowOf(7);
    const place = table.placeOf(kept, 0);
    for (let port = 1000; port < 2000; port++) {
      table.placeOf(flowOf(port), 0);
      expect(table.placeOf(kept, 0)).toBe(place);
    }
    expect(table.places()).toHaveLength(64);
    expect(table.evicted).toBe(1001 - 64);
  });
});

describe("moves", () => {
  const follow = (steps: readonly (readonly [port: number, path: number, sentMs: number])[]) => {
    const flows = new FlowStatistics(64);
    const told: PathMove[] = [];
    flows.moves.onEnd = (move) => told.push(move);
    for (const [port, path, sentMs] of steps)
      flows.add(flowOf(port), 0, path, 1, sentMs * 1000, 5, sentMs * 1000 + 500);
    return { flows, told };
  };

  test("of many flows between two paths are one event, told when a second has passed", () => {
    const steps = [1, 2, 3].flatMap((port) => [[port, 0, 0], [port, 1, 10 + port]] as const); // prettier-ignore
    const ordered = steps.toSorted((one, other) => one[2] - other[2]);
    const { flows, told } = follow([...ordered, [9, 1, 1000]]);
    expect(told).toEqual([]);
    expect(flows.moves.open).toMatchObject([{ from: 0, to: 1, flows: 3, moves: 3, timeUs: 11_500, lastUs: 13_500 }]);
    flows.add(flowOf(9), 0, 1, 1, 1_011_500, 5, 1_011_500);
    expect(told).toEqual([{ from: 0, to: 1, flows: 3, moves: 3, timeUs: 11_500, lastUs: 13_500 }]);
    expect(flows.moves.open).toEqual([]);
  });

  test("there and back are two events; a flow that does it again counts as one flow", () => {
    const { flows } = follow([[1, 0, 0], [1, 1, 1], [1, 0, 2], [1, 1, 3]]); // prettier-ignore
    flows.moves.close();
    expect(flows.moves.ended).toMatchObject([
      { from: 0, to: 1, flows: 1, moves: 2 },
      { from: 1, to: 0, flows: 1, moves: 1 },
    ]);
    expect(flows.busiest(1)).toMatchObject([{ path: 1, packets: 4, moves: 3, overtaken: 0 }]);
  });

  test("a packet that was sent before the move is none back", () => {
    const { flows } = follow([[1, 0, 0], [1, 1, 5], [1, 0, 4], [1, 1, 6]]); // prettier-ignore
    expect(flows.moves.total).toBe(1);
    expect(flows.busiest(1)).toMatchObject([{ path: 1, moves: 1, overtaken: 1 }]);
  });

  test("a flow that takes another's place starts afresh", () => {
    const flows = new FlowStatistics(4);
    for (let port = 0; port < 100; port++) flows.add(flowOf(port), 0, port % 2, 1, port, port, port);
    expect(flows.moves.total).toBe(0);
    expect(flows.evicted).toBe(96);
    expect(flows.busiest(9).map(({ sourcePort, packets, delayUs }) => [sourcePort, packets, delayUs?.max])).toEqual(
      expect.arrayContaining([96, 97, 98, 99].map((port) => [port, 1, port])),
    );
  });
});
