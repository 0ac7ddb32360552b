// Starts processes for `start-up.ts`, and does nothing else: what is started waits until the pages' tables of its parent are
// copied, which takes a benchmark's process tens of milliseconds and this one, or a shell, hardly any.
import { execFileSync, spawn } from "node:child_process";

/** @param {string[]} args of node; its time to the end, and what it said. */
const toEnd = (args) => {
  const before = process.hrtime.bigint();
  const output = execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return { before, after: process.hrtime.bigint(), output };
};

/** The same to the first that it says; it is interrupted then. */
const toSaid = (args) =>
  new Promise((resolve, reject) => {
    const before = process.hrtime.bigint();
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let said;
    child.once("error", reject);
    child.stdout.once("data", (output) => {
      said = { before, after: process.hrtime.bigint(), output: String(output) };
      child.kill("SIGINT");
    });
    child.once("exit", (code) =>
      resolve(said ?? { error: `node ${args.join(" ")} ended with ${code} and said nothing` }),
    );
  });

process.on("message", async ({ args, isEndless }) => {
  let answer;
  try {
    answer = isEndless ? await toSaid(args) : toEnd(args);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.send(answer);
});
