/** Transit at XDP as people set it up: what is said of it, what keeps its next hops, and what ending that leaves. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { removeLeftovers } from "../bpf/pin/registry.ts";
import { labDown, labUp, musketeers } from "../lab/index.ts";
import { processIdentity } from "../linux/process-identity.ts";
import { runHopmark, startHopmark } from "./fixtures/program.ts";

// A process a step, each of which loads its sources.
vi.setConfig({ testTimeout: 120_000 });

const lab = `hmxdp${process.pid}`;
const netns = ["--netns", `${lab}-porthos`];

beforeAll(() => {
  const owner = processIdentity();
  // Offloads as they are by default at porthos' neighbours: XDP cannot do with them.
  labUp(musketeers(), lab, owner === undefined ? {} : { owner });
});
afterAll(() => {
  labDown(lab);
  removeLeftovers();
});

test("what the other ends of the links lack is said, with the remedy; then the table is kept until Ctrl-C", async () => {
  const device = ["dev", "h_porthos_a", ...netns];
  const added = await runHopmark(["ioam", "transit", "add", ...device, "--xdp", "--next-hops"]);
  expect(added).toMatchObject({ status: 0, stdout: "h_porthos_a: transit node at XDP\n" });
  expect(added.stderr).toContain("h_porthos_b sends nothing that XDP redirects to it");
  expect(added.stderr).toContain(`ip netns exec ${lab}-aramis ethtool -K h_aramis gro on`);

  const watching = startHopmark(["ioam", "transit", "watch", "--json", ...netns]);
  const [line = ""] = await watching.lines(1);
  // Nothing in this lab takes what XDP redirects.
  expect(JSON.parse(line)).toEqual({ device: "h_porthos_a", entries: 0, changed: 0 });
  watching.child.kill("SIGINT");
  expect((await watching.ended).stderr).toBe("");

  const shown = await runHopmark(["ioam", "show", ...netns]);
  expect(shown.stdout).toContain(
    "transit dev h_porthos_a --xdp --next-hops (nobody keeps them: the kernel is asked)\n    filled 0",
  );
});
