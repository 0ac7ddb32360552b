/** What goes wrong while packets are read and written: said clearly, counted, and nothing is left. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { vethPair, type End } from "../../src/bpf/fixtures/veth.ts";
import { runHopmark, startHopmark } from "../../src/cli/fixtures/program.ts";
import { four, frame, payload, udp } from "../golden/captures/build.ts";
import { pcapFile } from "../golden/pcap.ts";

const folder = mkdtempSync(join(tmpdir(), "hopmark-robust-"));
afterAll(() => rmSync(folder, { recursive: true }));

const dumpOf = async ({ netns }: End) => {
  const running = startHopmark(["dump", "-ni", "west", "--netns", netns.label, "icmp[icmptype] == icmp-echo"]);
  await running.says(/listening/);
  return running;
};

const link = ({ netns }: End, ...words: string[]): void =>
  void execFileSync("ip", ["-n", netns.label, "link", ...words]);

test("an interface that disappears: what was captured, a note, and status 1, as tcpdump has it", async () => {
  const { west } = vethPair();
  const running = await dumpOf(west);
  west.ping(2);
  await running.lines(2);
  link(west, "delete", "west");
  const { status, stderr } = await running.ended;
  expect(stderr).toMatch(/\n2 packets captured\n2 packets received by filter\n0 packets dropped by kernel\n/);
  expect(stderr).toMatch(/the interface west disappeared\n$/);
  expect(status).toBe(1);
});

test("one that goes down and comes up again is read on; SIGTERM ends it with its counts", async () => {
  const { west } = vethPair();
  const running = await dumpOf(west);
  west.ping(1);
  await running.lines(1);
  for (const state of ["down", "up"]) link(west, "set", "west", state);
  // What the address and the neighbour were is gone with the link.
  link(west, "set", "west", "arp", "off");
  spawnSync("ip", ["netns", "exec", west.netns.label, "ping", "-c3", "-i0.1", "-W1", "10.77.0.2"]);
  await running.lines(2);
  running.child.kill("SIGTERM");
  const { stderr } = await running.ended;
  expect(stderr).toMatch(/\n\d packets captured\n\d packets received by filter\n0 packets dropped by kernel\n$/);
});

test("killed, it leaves the interface as it was", async () => {
  const { west } = vethPair();
  const promiscuity = (): unknown => {
    const text = execFileSync("ip", ["-n", west.netns.label, "-d", "-j", "link", "show", "west"], { encoding: "utf8" });
    return (JSON.parse(text) as { promiscuity: number }[])[0]?.promiscuity;
  };
  const running = await dumpOf(west);
  expect(promiscuity()).toBe(1);
  running.child.kill("SIGKILL");
  await running.ended;
  expect(promiscuity()).toBe(0);
});

test.each(["pcapng", "pcap"])(
  "a disk that fills up: an error, status 1, and all that fits can be read (%s)",
  async (format) => {
    const packets = Array.from({ length: 2000 }, () => frame(four, udp(), payload(100)));
    const source = join(folder, "long.pcap");
    writeFileSync(source, pcapFile(packets));
    // The disk is in a mount namespace of its own; what is on it at the end is copied out.
    const [disk, kept] = [join(folder, `disk-${format}`), join(folder, `kept.${format}`)];
    mkdirSync(disk);
    const script = `mount -t tmpfs -o size=64k none ${disk} || exit 99; "$@"; status=$?; cp ${disk}/full.${format} ${kept}; exit $status`; // prettier-ignore
    const under = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"];
    const { status, stderr } = await runHopmark(["dump", "-r", source, "-w", join(disk, `full.${format}`)], under);
    expect(stderr).toMatch(/cannot go on writing .*: no space left on the device/);
    expect(status).toBe(1);
    const judge = spawnSync("tshark", ["-r", kept, "-T", "fields", "-e", "frame.number"], { encoding: "utf8" });
    expect({ status: judge.status, cut: /cut short|damaged|isn't a capture/.test(judge.stderr) }).toEqual({ status: 0, cut: false }); // prettier-ignore
    expect(judge.stdout.trim().split("\n").length).toBeGreaterThan(300);
  },
);

test.each(["dump", "marks"])(
  "%s --ring where pins cannot be seen, as under ip netns exec, says so",
  async (command) => {
    const under = [
      "unshare",
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      'umount -l /sys/fs/bpf; exec "$@"',
      "sh",
    ];
    const { status, stderr } = await runHopmark([command, "--ring", "pval0"], under);
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: expect.stringContaining("run hopmark outside `ip netns exec`"),
    });
  },
);

test("a capture in a file is printed without the kernel's half of Hopmark, which takes memory", async () => {
  const capture = join(folder, "small.pcap");
  writeFileSync(capture, pcapFile([frame(four, udp(), payload(8))]));
  const look = join(folder, "look.cjs");
  writeFileSync(
    look,
    `process.on("exit", () => {
      console.error(/koffi/.test(require("node:fs").readFileSync("/proc/self/maps", "utf8")) ? "loaded" : "without");
    });`,
  );
  const { stdout, stderr } = await startHopmark(["dump", "-nr", capture], ["env", `NODE_OPTIONS=--require=${look}`])
    .ended;
  expect(stdout.split("\n")).toHaveLength(2);
  expect(stderr).toMatch(/^without$/m);
});
