/** How long a user waits for a program. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createNetns, deleteNetns } from "../../src/linux/netns.ts";
import { withNetns } from "../../src/linux/with-netns.ts";
import { compare, median, type Row } from "../row.ts";

const script = fileURLToPath(new URL("start.ts", import.meta.url));
const register = fileURLToPath(new URL("../../dist/compiler/source/register.cjs", import.meta.url));

/**
 * What a user's shell mostly has not: with certificates to read, Node.js alone takes twice its time, and any ratio to that
 * looks well.
 */
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;

/** From the start of a process to its first word, which says that its program is attached. */
export const startUp = (report: (row: Row) => void): void => {
  const name = `hm-start-${process.pid}`;
  const netns = createNetns(name);
  const toEnd = (...args: string[]): number => {
    const before = performance.now();
    withNetns(netns, () => execFileSync(process.execPath, args, { env, stdio: "pipe" }));
    return performance.now() - before;
  };
  const kernelMs: number[] = [];
  const toAttached = (): number => {
    const before = process.hrtime.bigint();
    const args = ["-r", register, script];
    const output = withNetns(netns, () => execFileSync(process.execPath, args, { env, encoding: "utf8" }));
    const [attached = "", again = ""] = output.trim().split(" ");
    kernelMs.push(Number(again) / 1e6);
    return Number(BigInt(attached) - before) / 1e6;
  };
  try {
    const row = compare({
      name: "script start to program attached",
      unit: "ms",
      better: "lower",
      peerName: "node start alone",
      ours: toAttached,
      peer: () => toEnd("-e", "0"),
    });
    // It waits until no CPU can be in what was there before, with XDP as with TCX: 8 ms and more, whoever attaches.
    const kernel = median(kernelMs);
    const ratioWithout = (row.ours - kernel) / row.peer.value;
    report({ ...row, details: { "of it the kernel attaches": kernel, "ratio without that": ratioWithout } });
  } finally {
    netns.close();
    deleteNetns(name);
  }
};
