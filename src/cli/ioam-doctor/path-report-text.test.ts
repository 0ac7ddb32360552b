import { expect, test } from "vitest";
import type { PathReport } from "../../mark/ioam/doctor/examine-path.ts";
import { plainStyle } from "../framework/style.ts";
import { pathReportText } from "./path-report-text.ts";

const report: PathReport = {
  from: "athos",
  to: "db02::2",
  path: [
    { node: "athos", ingress: null, egress: "h_athos", does: ["encap"] },
    { node: "porthos", ingress: "h_a", egress: "h_b", does: ["kernel"] },
    { node: "aramis", ingress: "h_aramis", egress: null, does: ["sink"] },
  ],
  otherPaths: [],
  complete: true,
  trace: { kind: "prealloc", traceType: 0xfe_0000, namespaceId: 123, size: 84, assumed: false },
  answered: true,
  findings: [
    {
      rule: "namespace-unknown",
      node: "porthos",
      device: null,
      message: "porthos does not know IOAM namespace 123: it leaves the traces untouched",
      remedy: "hopmark ioam namespace add 123 --netns porthos",
      evidence: "configuration",
    },
  ],
  ok: false,
};

test("the node where something is wrong is marked, with what to type", () => {
  expect(pathReportText(report, plainStyle, 60)).toBe(`● athos    encap   out h_athos
│
✗ porthos  kernel  in h_a  out h_b
│   namespace-unknown: porthos does not know IOAM namespace
│   123: it leaves the traces untouched
│   -> hopmark ioam namespace add 123 --netns porthos
│
● aramis   sink    in h_aramis

1 thing is wrong; a packet with a trace (type 0xfe0000, namespace 123, size 84) came to the end and was answered`);
});

test("where all is well, and where the path ends too soon", () => {
  const well = pathReportText({ ...report, findings: [], ok: true }, plainStyle, Infinity);
  expect(well).toMatch(/^● athos[^✗]*\n\nnothing is wrong: a packet with a trace/su);
  const short = { ...report, path: report.path.slice(0, 1), complete: false, answered: null, findings: [] };
  expect(pathReportText(short, plainStyle, Infinity)).toMatch(/^● athos .*\n┊\n\? db02::2\n\n.*no packet was sent$/su);
});
