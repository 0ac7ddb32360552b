import { expect, test } from "vitest";
import { countsAt, ledgerFor } from "./ring-ledger.ts";

const before = { read: 10n, discarded: 2n };
const after = { read: 15n, discarded: 2n };

test("a ring that nobody has read has nothing in its ledger", () => {
  expect(countsAt(undefined, 0n)).toEqual({ read: 0n, discarded: 0n });
  expect(countsAt({ read: 0n, discarded: 0n, nextRead: 0n, nextDiscarded: 0n, position: 0n }, 0n)).toEqual({ read: 0n, discarded: 0n }); // prettier-ignore
});

test("which counts hold is told by where the ring is: a reader may die between noting and going on", () => {
  const ledger = ledgerFor(before, after, 4096n);
  expect(countsAt(ledger, 3000n)).toEqual(before);
  expect(countsAt(ledger, 4096n)).toEqual(after);
});
