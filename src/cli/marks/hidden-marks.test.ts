import { expect, onTestFinished, test } from "vitest";
import { vethPair } from "../../bpf/fixtures/veth.ts";
import { addPval, deletePval, setPval } from "../../mark/pval/control.ts";
import { hiddenMarks } from "./hidden-marks.ts";

test("a pval device that has packets first is named, with where they are seen", () => {
  const { east } = vethPair();
  const netns = `/proc/${process.pid}/fd/${east.netns.fd}`;
  expect(hiddenMarks("east", netns)).toBeNull();
  addPval({ link: "east", inPlace: false, options: {} }, netns);
  onTestFinished(() => deletePval("pval0", netns));
  expect(hiddenMarks("east", netns)).toBe("what east receives is received by pval0: hopmark marks pval0 sees it");
  expect(hiddenMarks("pval0", netns)).toBeNull();
  setPval({ name: "pval0", options: { strip: true } }, netns);
  for (const device of ["east", "pval0"])
    expect(hiddenMarks(device, netns)).toMatch(/^pval0 takes marks off .*hopmark marks --ring pval0-rx/);
});
