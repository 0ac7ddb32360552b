import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { close, syscall, watchReadable } from "./ffi.ts";
import { startScript } from "./fixtures/run-script.ts";

function eventFd(): { fd: number; signal(): void; drain(): void } {
  const fd = syscall("eventfd2", "eventfd", 0, 0o4000);
  onTestFinished(() => close(fd));
  return {
    fd,
    signal: () => void syscall("write", "eventfd", fd, BigUint64Array.of(1n), 8),
    drain: () => void syscall("read", "eventfd", fd, new BigUint64Array(1), 8),
  };
}

test("a readable descriptor calls back, until it is drained and after it is signalled again", async () => {
  const event = eventFd();
  let calls = 0;
  let seen = () => {};
  const next = () => new Promise<void>((resolve) => (seen = resolve));
  const watch = watchReadable(event.fd, () => {
    calls++;
    if (calls !== 1) event.drain(); // the first call leaves it readable
    seen();
  });
  onTestFinished(() => watch.close());
  const first = next();
  event.signal();
  await first;
  await next();
  expect(calls).toBe(2);
  const third = next();
  event.signal();
  await third;
  expect(calls).toBe(3);
  watch.close();
  watch.close();
  event.signal();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(calls).toBe(3);
});

test("promises and exceptions inside the callback behave as anywhere", async () => {
  const event = eventFd();
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    const watch = watchReadable(event.fd, () => {
      event.drain();
      watch.close();
      void Promise.resolve().then(() => {
        order.push("promise");
        resolve();
      });
      order.push("callback");
    });
    event.signal();
  });
  expect(order).toEqual(["callback", "promise"]);
});

/** A process with a watch: its exit code, or "killed" when it is still there after the limit. */
async function run(script: string, limitMs: number): Promise<number | "killed"> {
  const child = startScript(`
    import { close, syscall, watchReadable } from "./linux/ffi.js";
    const fd = syscall("eventfd2", "eventfd", 0, 0);
    ${script}`);
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  const [code] = await once(child, "exit");
  clearTimeout(timer);
  return code ?? "killed";
}

test("a forgotten watch is not collected", async () => {
  const script = `
    watchReadable(fd, () => process.exit(7));
    setTimeout(() => { gc(); setTimeout(() => { gc(); syscall("write", "", fd, BigUint64Array.of(1n), 8); }, 10); }, 10);`;
  expect(await run(script, 5000)).toBe(7);
});

test.each([
  ["unref'ed", "watchReadable(fd, () => {}).unref();"],
  ["closed", "watchReadable(fd, () => {}).close(); close(fd);"],
])("a process with a watch that is %s ends by itself", async (_, script) => {
  expect(await run(script, 5000)).toBe(0);
});

test("a process with an open watch stays", async () => {
  expect(await run("watchReadable(fd, () => {});", 500)).toBe("killed");
});

test("an exception in the callback is an uncaught one", async () => {
  const script = `
    process.on("uncaughtException", (error) => process.exit(error.message === "inside" ? 8 : 9));
    watchReadable(fd, () => { throw new Error("inside"); });
    syscall("write", "", fd, BigUint64Array.of(1n), 8);`;
  expect(await run(script, 5000)).toBe(8);
});
