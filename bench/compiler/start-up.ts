/** How long a user waits for a program. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createNetns, deleteNetns } from "../../src/linux/netns.ts";
import { withNetns } from "../../src/linux/with-netns.ts";
import { compare, type Row } from "../row.ts";

const script = fileURLToPath(new URL("start.ts", import.meta.url));
const register = new URL("../../dist/compiler/source/register.cjs", import.meta.url).href;

/** From the start of a process to its first word, which says that its program is attached. */
export const startUp = (report: (row: Row) => void): void => {
  const netns = createNetns(`hm-start-${process.pid}`);
  const toEnd = (...args: string[]): number => {
    const before = performance.now();
    withNetns(netns, () => execFileSync(process.execPath, args, { stdio: "pipe" }));
    return performance.now() - before;
  };
  const toAttached = (): number => {
    const before = process.hrtime.bigint();
    const args = ["--import", register, script];
    const output = withNetns(netns, () => execFileSync(process.execPath, args, { encoding: "utf8" }));
    return Number(BigInt(output.trim()) - before) / 1e6;
  };
  try {
    report(
      compare({
        name: "script start to program attached",
        unit: "ms",
        better: "lower",
        peerName: "node start alone",
        ours: toAttached,
        peer: () => toEnd("-e", "0"),
      }),
    );
  } finally {
    netns.close();
    deleteNetns(`hm-start-${process.pid}`);
  }
};
