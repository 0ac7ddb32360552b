/** Transit at XDP: packets are filled and forwarded there, by the routes of a kernel that does not say where XDP can send. */
import assert from "node:assert/strict";
import { startPing } from "../../../src/lab/index.ts";
import { until } from "./check.ts";
import { Lab } from "./musketeers.ts";
import { assertGone } from "./traces.ts";

const ECHOES = 20;

export const xdp = async (): Promise<string> => {
  const lab = new Lab("xdp", { xdp: true });
  try {
    const echo = await lab.within("athos", (netns) =>
      startPing(netns, { target: "db02::2", count: ECHOES, intervalMs: 20 }),
    );
    const { sent, received, errors } = await echo.finished;
    assert.deepEqual({ sent, received, errors }, { sent: ECHOES, received: ECHOES, errors: 0 });
    await until("all traces are read", () => lab.records === ECHOES);
    for (const path of lab.paths()) {
      const nodes = path.hops.map(({ node }) => node).join(" ");
      if (nodes !== "athos porthos aramis" || path.remainingWords !== 0) assert.fail(JSON.stringify(path));
    }
    const { filled = 0n, forwarded = 0n } = lab.counters("porthos", "transit");
    assert.equal(filled, BigInt(ECHOES));
    // The first ones find no neighbour.
    assert.ok(forwarded > 0n, "nothing was forwarded at XDP");
    lab.remove();
    await assertGone(lab);
    return `${filled} traces filled, ${forwarded} packets forwarded`;
  } finally {
    lab.down();
  }
};
