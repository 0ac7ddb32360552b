/** Runs pieces of a soak in processes of their own, one on each CPU. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

/** Runs `main.ts` with each list of words, so many at once, and lets it print. Resolves to whether all went well. */
export const runPieces = async (pieces: readonly (readonly string[])[], jobs: number): Promise<boolean> => {
  const waiting = [...pieces];
  let good = true;
  const work = async (cpu: number): Promise<void> => {
    for (let words = waiting.shift(); words !== undefined && good; words = waiting.shift()) {
      const status = await run([...words, "--cpu", String(cpu)]);
      if (status !== 0) good = false;
    }
  };
  await Promise.all(Array.from({ length: jobs }, (_, cpu) => work(cpu)));
  return good;
};

const run = (words: readonly string[]): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, main, ...words], { stdio: "inherit" });
    const stop = (): void => void child.kill();
    process.once("exit", stop);
    child.once("error", reject);
    child.once("close", (status) => {
      process.removeListener("exit", stop);
      resolve(status);
    });
  });
