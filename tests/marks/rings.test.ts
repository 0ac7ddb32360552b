/** Marks in what pval devices copy: sender's and receiver's rings on one host. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startHopmark } from "../../src/cli/fixtures/program.ts";
import { MarkFollower } from "../../src/follow/marks/mark-follower.ts";
import { marksReport, type MarksReport } from "../../src/follow/marks/report.ts";
import { followRings } from "../../src/follow/marks/ring-marks.ts";
import { parsePattern, startImpair } from "../../src/lab/index.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { PvalLab } from "../support/pval-lab.ts";

let lab: PvalLab;
beforeAll(() => {
  lab = new PvalLab();
  lab.add("left", { ipopt: true, txcopy: true });
  // Copies are made before marks come off.
  lab.add("right", { rxcopy: true, strip: true });
});
afterAll(() => lab.close());

const COUNT = 20;

/** Two of these are lost on the way. */
const ping = async (): Promise<void> => {
  const rules = { seed: 1n, match: { family: "ipv4", protocol: 1, port: null, marked: true }, duplicate: null, reorder: null, delay: null, hold: null } as const; // prettier-ignore
  const impair = startImpair({ device: "h_right", netns: lab.reference("right"), hook: "xdp" }, { ...rules, loss: parsePattern("at:3,5") }); // prettier-ignore
  onTestFinished(() => void impair.close());
  const { finished } = await startPing(lab.netns("left"), { target: "10.0.0.2", intervalMs: 1, count: COUNT });
  expect(await finished).toMatchObject({ sent: COUNT, received: COUNT - 2 });
  impair.close();
};

const summed = ({ streams }: Pick<MarksReport, "streams">) => {
  const sum = (key: "sent" | "received" | "lost" | "duplicated" | "reordered" | "notSent") =>
    streams.reduce((all, stream) => all + (stream[key] ?? 0), 0);
  return { sent: sum("sent"), received: sum("received"), lost: sum("lost"), doubled: sum("duplicated"), reordered: sum("reordered"), notSent: sum("notSent") }; // prettier-ignore
};
const expected = { sent: COUNT, received: COUNT - 2, lost: 2, doubled: 0, reordered: 0, notSent: 0 };

test("what was lost between two devices, and how long the rest took", async () => {
  const follower = new MarkFollower({ by: "source", withSender: true });
  const marks = await followRings(
    follower,
    { ring: "pval0-rx", netns: lab.reference("right") },
    { ring: "pval0-tx", netns: lab.reference("left") },
  );
  await ping();
  const { seen, read, lost } = await marks.close();
  expect({ lost, seen }).toEqual({ lost: 0, seen: read });
  const report = marksReport(follower, "source");
  expect(summed(report)).toEqual(expected);
  for (const { delay } of report.streams) {
    expect(delay?.minNs).toBeGreaterThan(0);
    expect(delay?.maxNs).toBeLessThan(1e9);
  }
});

test("hopmark marks --ring", async () => {
  const [left, right] = [lab.reference("left"), lab.reference("right")];
  const words = ["--ring", "pval0-rx", "--netns", right, "--from-ring", "pval0-tx", "--from-netns", left];
  const running = startHopmark(["marks", ...words, "--json"]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  await running.lines(1);
  await ping();
  running.child.kill("SIGINT");
  const { status, stdout } = await running.ended;
  const report = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as MarksReport & { live: object };
  expect({ status, ...summed(report) }).toEqual({ status: 0, ...expected });
  expect(report.live).toMatchObject({ lost: 0 });
});
