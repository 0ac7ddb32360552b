import { expect, onTestFinished, test } from "vitest";
import { load } from "../../bpf/instance.ts";
import { ringBuffer } from "../../kernel/maps.ts";
import { array, struct, u64 } from "../../wire/layout.ts";
import { recording } from "../../bpf/fixtures/programs.ts";
import { RingWatch } from "./ring-watch.ts";

const RING_BYTES = 4096;

test.each([1, 2, 31, 200])("a ring was full when a record of %i words was refused, and not before", (words) => {
  const layout = struct("Record", { words: array(u64, words) });
  const descriptor = ringBuffer({ bytes: RING_BYTES });
  const program = load(recording(descriptor, layout.size));
  onTestFinished(() => program.close());
  const watch = new RingWatch("seen", program.map(descriptor), [{ layout, mayBeShorter: false }]);
  const isWritten = (): boolean => program.testRun(new Uint8Array(64)).verdict === 2;
  const fitting = Math.floor((RING_BYTES - 1) / (layout.size + 8));
  for (let count = 1; count < fitting; count++) expect(isWritten()).toBe(true);
  watch.stop();
  expect(watch.wasFull).toBe(false);

  for (let count = 0; count < fitting; count++) expect(isWritten()).toBe(true);
  expect(isWritten()).toBe(false);
  watch.stop();
  expect({ records: watch.reader.records, wasFull: watch.wasFull }).toEqual({
    records: 2 * fitting - 1,
    wasFull: true,
  });
});
