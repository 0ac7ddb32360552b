import { StampSource, stampSourceNames } from "../../wire/stamp-source.ts";
import { expect, test } from "vitest";
import {
  COPY_HEADER_BYTES,
  copyRecord,
  DEFAULT_SNAP,
  Direction,
  directionNames,
  MAX_SNAP,
  ringName,
} from "./record.ts";

test("the packet follows its header without a hole", () => {
  for (const snap of [1, DEFAULT_SNAP, MAX_SNAP]) {
    const packet = copyRecord(snap).fields.find(({ name }) => name === "packet");
    expect(packet?.bitOffset).toBe(COPY_HEADER_BYTES * 8);
  }
  expect(COPY_HEADER_BYTES).toBe(32);
});

test("names are told by numbers", () => {
  expect([directionNames[Direction.Receive], directionNames[Direction.Transmit]]).toEqual(["rx", "tx"]);
  expect(Object.keys(StampSource).map((name) => name.toLowerCase())).toEqual(stampSourceNames);
  expect(ringName("pval0", "rx", 0)).toBe("pval0-rx-cpu-0");
});
