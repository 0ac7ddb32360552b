/** Following marks live, and harming packets by plan: packets a second through a veth pair, against the same ones with nobody looking. */
import { followLive } from "../../src/follow/marks/live-marks.ts";
import { MarkFollower } from "../../src/follow/marks/mark-follower.ts";
import { marksReport } from "../../src/follow/marks/report.ts";
import { labDown, labUp, openNode, pair, parsePattern, startImpair } from "../../src/lab/index.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { MARKED_PORT, openMarkedFrames } from "../../tests/support/marked-frames.ts";
import { linkIn } from "../ioam/forwarding.ts";
import { labRow } from "../marks/lab.ts";
import { compare, type Area } from "../row.ts";

const PACKETS = 40_000;

export const area: Area = async (report) => {
  report(await labRow());
  const lab = `bench${process.pid}`;
  const owner = processIdentity();
  labUp(pair(), lab, owner === undefined ? {} : { owner });
  const left = openNode(lab, "left");
  const right = openNode(lab, "right");
  const frames = openMarkedFrames({
    netns: left,
    ifindex: linkIn(left, "h_left").index,
    toMac: linkIn(right, "h_right").mac,
    source: "10.0.0.1",
    destination: "10.0.0.2",
  });
  const place = { device: "h_right", netns: `${lab}-right` };

  const alone = (): number => (PACKETS * 1e9) / frames.send(PACKETS);
  /** With the reading of what the kernel told, in the same thread. */
  const followed = (): number => {
    const follower = new MarkFollower({ by: "mac" });
    const live = followLive(follower, { ...place, direction: "ingress" });
    try {
      const start = process.hrtime.bigint();
      frames.send(PACKETS);
      live.read();
      const elapsed = Number(process.hrtime.bigint() - start);
      const { seen, lost } = live.close();
      const [stream] = marksReport(follower, "mac").streams;
      const sent = stream === undefined ? 0 : stream.received + stream.lost;
      if (lost !== 0 || (stream?.received ?? 0) + (stream?.duplicated ?? 0) !== seen)
        throw new Error(`${seen} seen, ${lost} of them not told of`);
      // Of a plan the very last may be lost, which nobody sees.
      if (sent < PACKETS - 1) throw new Error(`${sent} of ${PACKETS} numbers are known`);
      return (PACKETS * 1e9) / elapsed;
    } finally {
      live.close();
    }
  };
  const harmed = (): number => {
    const impair = startImpair(
      { ...place, hook: "tc" },
      {
        seed: 1n,
        match: { family: "ipv4", protocol: 17, port: MARKED_PORT, marked: true },
        loss: parsePattern("every:100"),
        duplicate: parsePattern("every:500+7"),
        reorder: null,
        delay: null,
        hold: null,
      },
    );
    try {
      const rate = followed();
      const { loss, unlisted } = impair.close();
      if (loss.packets !== PACKETS / 100 || unlisted !== 0)
        throw new Error(`${loss.packets} lost, ${unlisted} unlisted`);
      return rate;
    } finally {
      impair.close();
    }
  };

  try {
    const peerName = "nobody looking";
    const row = { unit: "packets/s", better: "higher", peerName, rounds: 7, peer: alone } as const;
    report(compare({ ...row, name: "marks followed live", ours: followed }));
    report(compare({ ...row, name: "marks followed live, harmed by plan", ours: harmed }));
  } finally {
    frames.close();
    left.close();
    right.close();
    labDown(lab);
  }
};
