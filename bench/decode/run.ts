/** Programs that print a capture: how fast, how much memory, and what. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";

/** Packets a second; what is printed goes to `output`. Throws when it fails. */
export const rate = ([program = "", ...words]: readonly string[], packets: number, output = "/dev/null"): number => {
  const fd = openSync(output, "w");
  try {
    const start = performance.now();
    const { status, stderr } = spawnSync(program, words, { stdio: ["ignore", fd, "pipe"], encoding: "utf8" });
    if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
    return (packets * 1000) / (performance.now() - start);
  } finally {
    closeSync(fd);
  }
};

const LOOK_MS = 10;

/** The most memory it had resident, MB. */
export const memory = async ([program = "", ...words]: readonly string[]): Promise<number> => {
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "ignore"] });
  let most = 0;
  const timer = setInterval(() => {
    try {
      const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"));
      most = Math.max(most, (Number(found?.[1] ?? 0) * 1024) / 1e6);
    } catch {
      // It has ended.
    }
  }, LOOK_MS);
  const [status] = (await once(child, "close")) as [number | null];
  clearInterval(timer);
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  return most;
};
