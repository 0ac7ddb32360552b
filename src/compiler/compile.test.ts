import { expect, test } from "vitest";
import { count, Sample, insert, samples } from "../kernel/simulate/fixtures/programs.bpf.ts";
import { compile } from "./compile.ts";

test("says which layouts the records of a ring have", () => {
  expect(compile(insert(1)).records).toEqual(new Map([[samples, [{ layout: Sample, mayBeShorter: false }]]]));
  expect(compile(count).records).toEqual(new Map());
});
