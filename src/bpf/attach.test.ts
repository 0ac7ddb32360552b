import { expect, onTestFinished, test } from "vitest";
import { HopmarkError } from "../errors.ts";
import { attach } from "./attach.ts";
import { counted, seen } from "./fixtures/flows.bpf.ts";
import { vethPair } from "./fixtures/veth.ts";

const IPV4 = 0x0800;

const errorOf = (run: () => unknown): HopmarkError => {
  try {
    run();
  } catch (error) {
    if (error instanceof HopmarkError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

test("a program runs on an interface of another namespace until it is closed", () => {
  const { west, east } = vethPair();
  const running = attach(counted, { device: "west", netns: west.netns });
  onTestFinished(() => running.close());
  expect(east.ping(2)).toBe(2);
  expect(running.map(seen).get({ etherType: IPV4 })?.packets).toBeGreaterThanOrEqual(2n);
  expect(west.run("ip", "link", "show", "west")).toContain(`prog/xdp id ${running.program.info().id}`);
  running.close();
  running.close();
  expect(west.run("ip", "link", "show", "west")).not.toContain("prog/xdp");
});

test("a namespace is given by its name as well, and a block ends what runs", () => {
  const { west } = vethPair();
  {
    using running = attach(counted, { device: "west", netns: west.netns.label, mode: "generic" });
    expect(running.attachment).toMatchObject({ hook: "xdp", ifindex: west.ifindex });
  }
  expect(west.run("ip", "link", "show", "west")).not.toContain("prog/xdp");
});

test("two programs share a map that is handed on", () => {
  const { west, east } = vethPair();
  using first = attach(counted, { device: "west", netns: west.netns });
  const share = new Map([[seen, first.map(seen)]]);
  using second = attach(counted, { device: "east", netns: east.netns, share });
  expect(east.ping(1)).toBe(1);
  expect(second.map(seen).get({ etherType: IPV4 })).toEqual(first.map(seen).get({ etherType: IPV4 }));
});

test("an interface that is not there is refused, with the names of those that are", () => {
  const { west } = vethPair();
  const { code, message, hint } = errorOf(() => attach(counted, { device: "eth9", netns: west.netns.label }));
  expect({ code, message }).toEqual({
    code: "no-device",
    message: `there is no interface eth9 in network namespace ${west.netns.label}`,
  });
  expect(hint).toContain("lo, west");
});

test("an interface that runs another program says so, and nothing is left", () => {
  const { west } = vethPair();
  using first = attach(counted, { device: "west", netns: west.netns });
  expect(errorOf(() => attach(counted, { device: "west", netns: west.netns })).code).toBe("busy");
  expect(west.run("ip", "link", "show", "west")).toContain(`prog/xdp id ${first.program.info().id}`);
});
