import { expect, test } from "vitest";
import { roomWarnings } from "./plan-advice.ts";

const schema = { id: 7, words: [1, 2, 3] };

test.each<[string, number, number, typeof schema | null, string | undefined]>([
  ["room for two", 0xfe_0000, 56, null, undefined],
  ["room for this node alone", 0xfe_0000, 52, null, "room for this node's 28 bytes alone: the next node"],
  ["no room", 0xfe_0000, 24, null, "no room for even one node's 28 bytes"],
  ["an opaque state is counted with its id", 0x80_0002, 12, null, "this node's 8 bytes alone"],
  ["and with the schema's data", 0x80_0002, 16, schema, "even one node's 20 bytes"],
  ["that other bits do not carry", 0x80_0000, 8, schema, undefined],
])("%s", (_, traceType, size, ownSchema, warning) => {
  const warnings = roomWarnings({ traceType, size }, ownSchema);
  expect(warnings).toHaveLength(warning === undefined ? 0 : 1);
  if (warning !== undefined) {
    expect(warnings[0]).toContain(warning);
    expect(warnings[0]).toContain(`hopmark ioam plan --type 0x${traceType.toString(16)} --hops N`);
  }
});
