import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { temporaryNetns } from "./fixtures/temporary-netns.ts";
import { createNetns, currentNetns, deleteNetns, listNetns, netnsInode, openNetns } from "./netns.ts";
import { readSysctl, writeSysctl } from "./sysctl.ts";
import { withNetns } from "./with-netns.ts";

const ownNetns = () => readlinkSync("/proc/thread-self/ns/net");

test("a namespace made here is one of ip netns, and this thread is back outside", () => {
  const before = ownNetns();
  const netns = temporaryNetns();
  expect(ownNetns()).toBe(before);
  expect(listNetns()).toContain(netns.name);
  const seen = execFileSync("ip", ["netns", "exec", netns.name, "readlink", "/proc/self/ns/net"], { encoding: "utf8" });
  expect(seen.trim()).toBe(`net:[${netns.inode}]`);
  expect(netnsInode(netns.name)).toBe(netns.inode);
  expect(before).not.toBe(`net:[${netns.inode}]`);
});

test("ip netns removes what was made here, and the other way round", () => {
  const first = temporaryNetns();
  execFileSync("ip", ["netns", "del", first.name]);
  expect(listNetns()).not.toContain(first.name);
  expect(deleteNetns(first.name)).toBe(false);

  const second = `hm-test-${process.pid}-ip`;
  execFileSync("ip", ["netns", "add", second]);
  onTestFinished(() => void deleteNetns(second));
  expect(deleteNetns(second)).toBe(true);
  expect(existsSync(`/run/netns/${second}`)).toBe(false);
  // a namespace that another test is just making lets ip complain
  const listed = execFileSync("ip", ["netns", "list"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  expect(listed).not.toContain(second);
});

test("a taken name and a bad name are refused, and nothing is left", () => {
  const { name } = temporaryNetns();
  expect(() => createNetns(name)).toThrow(`network namespace ${name} already exists`);
  expect(() => createNetns("../escape")).toThrow("is not a name");
  expect(() => deleteNetns("../escape")).toThrow("is not a name");
});

test("opened by name, path and pid it is the same namespace", () => {
  const netns = temporaryNetns();
  const child = withNetns(netns, () => spawn("sleep", ["60"], { stdio: "ignore" }));
  onTestFinished(() => void child.kill("SIGKILL"));
  for (const reference of [netns.name, `/run/netns/${netns.name}`, child.pid ?? 0]) {
    const opened = openNetns(reference);
    expect(opened.inode).toBe(netns.inode);
    opened.close();
    opened.close();
  }
});

test.each([
  ["no-such-name", "cannot open /run/netns/no-such-name"],
  ["/proc/self/ns/mnt", "is not a network namespace"],
  ["/etc/passwd", "is not a network namespace"],
])("openNetns(%j) is refused", (reference, message) => {
  expect(() => openNetns(reference)).toThrow(message);
});

test("withNetns nests and restores, also after an exception", () => {
  const [outer, inner] = [temporaryNetns(), temporaryNetns()];
  const before = ownNetns();
  const seen = withNetns(outer, () => [ownNetns(), withNetns(inner, ownNetns), ownNetns()]);
  expect(seen).toEqual([`net:[${outer.inode}]`, `net:[${inner.inode}]`, `net:[${outer.inode}]`]);
  const fail = () => {
    throw new Error("inside");
  };
  expect(() => withNetns(outer, fail)).toThrow("inside");
  expect(ownNetns()).toBe(before);
});

test("withNetns refuses asynchronous functions, by type and at run time", () => {
  const netns = temporaryNetns();
  // @ts-expect-error a function that returns a promise
  expect(() => withNetns(netns, async () => 1)).toThrow("returns a promise");
  const hidden = (): unknown => Promise.resolve(1);
  expect(() => withNetns(netns, hidden)).toThrow("returns a promise");
  // of no effect, and allowed
  withNetns(netns, () => {});
});

test("a child spawned inside is born inside", async () => {
  const netns = temporaryNetns();
  const sync = withNetns(netns, () => spawnSync("readlink", ["/proc/self/ns/net"], { encoding: "utf8" }).stdout);
  expect(sync.trim()).toBe(`net:[${netns.inode}]`);
  const child = withNetns(netns, () =>
    spawn("readlink", ["/proc/self/ns/net"], { stdio: ["ignore", "pipe", "ignore"] }),
  );
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await once(child, "close");
  expect(output.trim()).toBe(`net:[${netns.inode}]`);
});

test("a Worker keeps the namespace of its creation", async () => {
  const netns = temporaryNetns();
  const code = `require("node:worker_threads").parentPort.postMessage(require("node:fs").readlinkSync("/proc/thread-self/ns/net"))`;
  const worker = withNetns(netns, () => new Worker(code, { eval: true }));
  const [seen] = await once(worker, "message");
  expect(seen).toBe(`net:[${netns.inode}]`);
  await worker.terminate();
});

const key = "net/ipv6/conf/default/hop_limit";

test("sysctls are those of the namespace; the host's stay as they are", () => {
  const netns = temporaryNetns();
  const host = readFileSync(`/proc/sys/${key}`, "utf8");
  writeSysctl(netns, key, 17);
  expect(readSysctl(netns, key)).toBe("17");
  expect(readFileSync(`/proc/sys/${key}`, "utf8")).toBe(host);
  expect(() => writeSysctl(netns, key, "many")).toThrow(`write (sysctl ${key}): EINVAL`);
  expect(() => readSysctl(netns, "net/ipv6/nothing")).toThrow("read (sysctl net/ipv6/nothing): ENOENT");
});

test("why withNetns is synchronous: fs.promises writes the namespace of the process", async () => {
  // the "host" of this test is a namespace too: a child process living in one enters another and writes both ways
  const [host, lab] = [temporaryNetns(), temporaryNetns()];
  writeSysctl(host, key, 64);
  writeSysctl(lab, key, 64);
  const before = currentNetns();
  onTestFinished(() => before.close());
  const script = `
    const { readFileSync, writeFileSync, promises } = require("node:fs");
    const koffi = require(${JSON.stringify(process.cwd() + "/node_modules/koffi")});
    const setns = koffi.load(null).func("int setns(int, int)");
    const path = "/proc/sys/${key}";
    promises.readFile(path).then(() => {
      const fd = require("node:fs").openSync("/run/netns/${lab.name}");
      if (setns(fd, 0x40000000) !== 0) process.exit(9);
      writeFileSync(path, "11");
      return promises.writeFile(path, "22");
    });`;
  const child = withNetns(host, () => spawn(process.execPath, ["-e", script], { stdio: "inherit" }));
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  expect(readSysctl(lab, key)).toBe("11");
  expect(readSysctl(host, key)).toBe("22");
});

test("after withNetns asynchronous work is on the host again", async () => {
  const netns = temporaryNetns();
  writeSysctl(netns, key, 18);
  const host = readFileSync(`/proc/sys/${key}`, "utf8");
  withNetns(netns, () => writeFileSync(`/proc/sys/${key}`, "19"));
  expect(await readFile(`/proc/sys/${key}`, "utf8")).toBe(host);
  await expect(writeFile("/proc/sys/net/no-such", "")).rejects.toThrow();
  expect(readSysctl(netns, key)).toBe("19");
  expect(statSync("/proc/thread-self/ns/net").ino).not.toBe(netns.inode);
});
