import { expect, test } from "vitest";
import { schemaText, shownSchema } from "./ioam6.ts";

test.each<[string, Uint8Array, string]>([
  ["text", new TextEncoder().encode("abcde\0\0\0"), "schema 7 data: abcde"],
  ["other bytes", Uint8Array.of(0, 1, 2, 255), "schema 7 data: 0x000102ff"],
  ["zeros", new Uint8Array(4), "schema 7 data: 0x00000000"],
])("a schema of %s", (_, data, text) => expect(schemaText(shownSchema({ id: 7, data }))).toBe(text));
