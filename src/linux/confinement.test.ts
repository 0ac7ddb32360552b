import { expect, test } from "vitest";
import { confinement, type ConfinementFiles } from "./confinement.ts";

const free: ConfinementFiles = {
  uidMap: "         0          0 4294967295\n",
  status: "Name:\tnode\nSeccomp:\t0\nSeccomp_filters:\t0\n",
  lockdown: "none",
};

test.each<[Partial<ConfinementFiles>, RegExp | undefined]>([
  [{}, undefined],
  [{ uidMap: undefined, status: undefined, lockdown: undefined }, undefined],
  [{ uidMap: "         0       1000          1\n" }, /user namespace/],
  [{ status: "Name:\tnode\nSeccomp:\t2\nSeccomp_filters:\t1\n" }, /seccomp/],
  [{ lockdown: "integrity" }, /locked down \(integrity\)/],
])("%j", (part, what) => {
  const found = confinement({ ...free, ...part });
  if (what === undefined) expect(found).toBeUndefined();
  else expect(found?.what).toMatch(what);
});

test("this process is free", () => expect(confinement()).toBeUndefined());
