import { expect, test } from "vitest";
import { labList } from "../../lab/index.ts";
import { startHopmark } from "../fixtures/program.ts";
import { styleFor } from "../framework/style.ts";
import { demoText, type DemoReport } from "./pval-demo-text.ts";

test(
  "hopmark demo pval: every kind of traffic is marked, stripped and whole, and nothing is left",
  { timeout: 60_000 },
  async () => {
    const running = startHopmark(["demo", "pval", "--json"]);
    const { status, stdout, stderr } = await running.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { sent, kernel, whole } = JSON.parse(stdout) as DemoReport;
    expect(whole).toBe(true);
    expect(kernel).toEqual({ TcpInCsumErrors: 0, UdpInCsumErrors: 0, IcmpInCsumErrors: 0, IpReasmFails: 0 });
    const packets = Object.fromEntries(sent.map((own) => [own.kind, own.packets]));
    expect(packets).toMatchObject({
      "ICMP echo": 20,
      "ICMP echo in fragments": 60,
      "UDP, cut by the kernel": 40,
      "UDP in a VLAN": 40,
    });
    expect(packets["TCP in bulk"]).toBeGreaterThan(32_000_000 / 1448);
    for (const { marked, stripped, packets: all } of sent) expect([marked, stripped]).toEqual([all, all]);
    expect(labList().filter(({ name }) => name === `pair-${running.child.pid}`)).toEqual([]);
  },
);

test("what was lost is told", () => {
  const sent = {
    kind: "ICMP echo",
    packets: 20,
    marked: 20,
    stripped: 19,
    lost: 1,
    arrived: "19 of 20 answers",
    whole: false,
  };
  const report: DemoReport = { type: "summary", sent: [sent], kernel: { TcpInCsumErrors: 0 }, whole: false };
  const lines = demoText(report, styleFor(false, {})).split("\n");
  expect(lines.slice(-4)).toEqual([
    "ICMP echo       20      20        19     1  19 of 20 answers",
    "",
    "TcpInCsumErrors 0",
    "not all is as it should be",
  ]);
});
