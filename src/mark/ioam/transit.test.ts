/** Transit: the kernel's rules in the kernel's order, in the kernel and in V8. */
import { expect, onTestFinished, test } from "vitest";
import { Twin } from "../../../tests/support/twin.ts";
import { outcomeNames } from "./outcome.ts";
import { taiOffset } from "./tai-offset.ts";
import { ruleCases, severalOptions } from "./test-support/cases.ts";
import { frame } from "./test-support/frames.ts";
import { clock, device, node, TAI_OFFSET } from "./test-support/nodes.ts";
import { transitCounters, transitIngress } from "./transit.bpf.ts";

const transitTwin = (): Twin => {
  const twin = new Twin(transitIngress({ node, device }));
  onTestFinished(() => twin.close());
  twin.setVariable(taiOffset, TAI_OFFSET);
  return twin;
};

test("every rule: kernel and V8 agree, and the outcome has its name", () => {
  const twin = transitTwin();
  const names: string[] = [];
  let before: Record<string, number> = {};
  const cases = [...ruleCases, ...severalOptions];
  for (const { hopByHop } of cases) {
    twin.run(frame({ hopByHop, payload: new Uint8Array(8) }), { environment: clock });
    const after = twin.counts(transitCounters, outcomeNames);
    names.push(
      outcomeNames.flatMap((name) => Array<string>((after[name] ?? 0) - (before[name] ?? 0)).fill(name)).join("+"),
    );
    before = after;
  }
  expect(cases.map(({ name }, index) => `${name}: ${names[index]}`)).toEqual(
    cases.map(({ name, outcome }) => `${name}: ${outcome}`),
  );
});
