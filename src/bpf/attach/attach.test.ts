import { codeOf } from "../fixtures/code-of.ts";
import { describe, expect, onTestFinished, test } from "vitest";
import { Tc, Xdp } from "../../kernel/context.ts";
import { variable } from "../../kernel/maps.ts";
import type { ProgramType } from "../../kernel/program.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { attachFilter, filters } from "../../linux/rtnetlink/traffic-control.ts";
import { u64 } from "../../wire/layout.ts";
import { load } from "../instance.ts";
import type { LoadedProgram } from "../loaded-program.ts";
import { counting, returning } from "../fixtures/programs.ts";
import { vethPair, type End } from "../fixtures/veth.ts";

interface Counter {
  readonly program: LoadedProgram;
  count(): bigint;
}

const counter = (type: ProgramType, verdict: number, name: string): Counter => {
  const packets = variable(u64, 0n);
  const program = load(counting(type, packets, verdict, name));
  onTestFinished(() => program.close());
  return { program, count: () => program.map(packets).value };
};

const constant = (type: ProgramType, verdict: number, name: string): LoadedProgram => {
  const program = load(returning(type, verdict, name));
  onTestFinished(() => program.close());
  return program;
};

describe("XDP", () => {
  test("a program sees packets until its attachment is closed", () => {
    const { west, east } = vethPair();
    const { program, count } = counter("xdp", Xdp.Pass, "pass");
    const attachment = program.attachXdp(west, { mode: "native" });
    expect(attachment).toMatchObject({ hook: "xdp", mechanism: "xdp", ifindex: west.ifindex });
    expect(attachment.programId).toBe(program.info().id);
    expect(west.run("ip", "link", "show", "west")).toContain(`prog/xdp id ${program.info().id}`);
    expect(east.ping(3)).toBe(3);
    const seen = count();
    expect(seen).toBeGreaterThanOrEqual(3n);
    attachment.close();
    expect(west.run("ip", "link", "show", "west")).not.toContain("prog/xdp");
    expect(east.ping(1)).toBe(1);
    expect(count()).toBe(seen);
  });

  test("another program takes its place", () => {
    const { west, east } = vethPair();
    const attachment = constant("xdp", Xdp.Drop, "wall").attachXdp(west);
    onTestFinished(() => attachment.close());
    const { program, count } = counter("xdp", Xdp.Pass, "door");
    attachment.replace(program);
    expect(attachment.programId).toBe(program.info().id);
    expect(east.ping(1)).toBe(1);
    expect(count()).toBeGreaterThan(0n);
  });

  test("generic mode", () => {
    const { west } = vethPair();
    const attachment = constant("xdp", Xdp.Pass, "generic").attachXdp(west, { mode: "generic" });
    onTestFinished(() => attachment.close());
    expect(west.run("ip", "link", "show", "west")).toContain("xdpgeneric");
  });

  test("the program may be closed: the link keeps it", () => {
    const { west, east } = vethPair();
    const program = load(returning("xdp", Xdp.Drop));
    const attachment = program.attachXdp(west);
    onTestFinished(() => attachment.close());
    program.close();
    expect(east.ping(1)).toBe(0);
  });

  test("what cannot be attached is refused by name", () => {
    const { west } = vethPair(9000);
    const program = constant("xdp", Xdp.Pass, "pass");
    expect(codeOf(() => program.attachXdp(west, { mode: "native" }))).toBe("mtu");
    expect(codeOf(() => program.attachXdp({ ifindex: 9999, netns: west.netns }))).toBe("no-device");
    expect(codeOf(() => program.attachTc(west, { direction: "ingress" }))).toBe("program-type");
    const attachment = program.attachXdp(west, { mode: "generic" });
    onTestFinished(() => attachment.close());
    expect(codeOf(() => program.attachXdp(west, { mode: "generic" }))).toBe("busy");
    expect(() => program.attachXdp(west)).toThrow(
      `already runs an XDP program: pass (program ${program.info().id}), attached by process ${process.pid}`,
    );
  });

  test("an interface number means the one in the given namespace", () => {
    const first = vethPair();
    const second = vethPair();
    expect(first.west.ifindex).toBe(second.west.ifindex);
    const attachment = constant("xdp", Xdp.Pass, "there").attachXdp(second.west);
    onTestFinished(() => attachment.close());
    expect(second.west.run("ip", "link", "show", "west")).toContain("prog/xdp");
    expect(first.west.run("ip", "link", "show", "west")).not.toContain("prog/xdp");
  });

  test("a link whose namespace went says interface 0", () => {
    const { west, deleteWest } = vethPair();
    const attachment = constant("xdp", Xdp.Pass, "gone").attachXdp(west);
    onTestFinished(() => attachment.close());
    expect(attachment.isGone).toBe(false);
    deleteWest();
    return waitFor(() => attachment.isGone && attachment.ifindex === 0);
  });
});

describe.each(["tcx", "clsact"] as const)("%s", (mechanism) => {
  const place = (end: End, direction: "ingress" | "egress") => [end, { direction, mechanism }] as const;

  test.each(["ingress", "egress"] as const)("a program at %s sees packets until it is detached", (direction) => {
    const { west, east } = vethPair();
    const { program, count } = counter("tc", Tc.Next, "tc_pass");
    const attachment = program.attachTc(...place(west, direction));
    expect(attachment).toMatchObject({ hook: direction, mechanism, ifindex: west.ifindex });
    expect(attachment.programId).toBe(program.info().id);
    expect(east.ping(3)).toBe(3);
    expect(count()).toBeGreaterThanOrEqual(3n);
    attachment.detach();
    attachment.detach();
    const seen = count();
    expect(east.ping(1)).toBe(1);
    expect(count()).toBe(seen);
    expect(west.run("tc", "qdisc", "show", "dev", "west")).not.toContain("clsact");
  });

  test("an attachment whose interface went says so, and can be detached", () => {
    const { west } = vethPair();
    const attachment = constant("tc", Tc.Next, "gone").attachTc(...place(west, "egress"));
    onTestFinished(() => attachment.close());
    expect(attachment.isGone).toBe(false);
    west.run("ip", "link", "delete", "west");
    expect(attachment.isGone).toBe(true);
    attachment.detach();
  });

  test("the order is kept: a program that ends the chain hides those behind it", () => {
    const { west, east } = vethPair();
    const middle = counter("tc", Tc.Next, "middle");
    const links = [middle.program.attachTc(...place(west, "ingress"))];
    onTestFinished(() => links.forEach((link) => link.close()));
    const attach = (own: Counter | LoadedProgram, order: "first" | "last" | "before" | "after"): void => {
      const program = "program" in own ? own.program : own;
      const [target] = links;
      if (target === undefined) throw new Error("no target");
      const relative = order === "before" ? { before: target } : order === "after" ? { after: target } : order;
      links.push(program.attachTc(west, { direction: "ingress", mechanism, order: relative }));
    };
    const last = counter("tc", Tc.Next, "last");
    const first = counter("tc", Tc.Next, "first");
    attach(last, "last");
    attach(first, "first");
    expect(east.ping(1)).toBe(1);
    for (const own of [first, middle, last]) expect(own.count()).toBeGreaterThan(0n);
    // clsact needs a free priority, so the neighbours give way
    links.splice(1).forEach((link) => link.close());
    attach(last, "after");
    attach(constant("tc", Tc.Drop, "wall"), "before");
    const before = [middle.count(), last.count()];
    expect(east.ping(1)).toBe(0);
    expect([middle.count(), last.count()]).toEqual(before);
    links.splice(2).forEach((link) => link.close());
    expect(east.ping(1)).toBe(1);
    expect(last.count()).toBeGreaterThan(before[1] ?? 0n);
  });

  test("a program takes another's place while packets flow, and none is missed", () => {
    const { west, east } = vethPair();
    const [one, two] = [counter("tc", Tc.Ok, "one"), counter("tc", Tc.Ok, "two")];
    const whole = counter("xdp", Xdp.Pass, "whole");
    const reference = whole.program.attachXdp(west, { mode: "native" });
    const attachment = one.program.attachTc(...place(west, "ingress"));
    onTestFinished(() => [attachment, reference].forEach((own) => own.close()));
    const flood = east.run("sh", "-c", "ping -n -f -w 1 10.77.0.1 >/dev/null & echo $!").trim();
    let programs: readonly Counter[] = [two, one];
    const end = Date.now() + 1100;
    while (Date.now() < end) {
      const [next, other] = programs;
      if (next === undefined || other === undefined) break;
      attachment.replace(next.program);
      expect(attachment.programId).toBe(next.program.info().id);
      programs = [other, next];
    }
    expect(flood).toMatch(/^\d+$/);
    return waitFor(() => east.run("sh", "-c", `kill -0 ${flood} 2>/dev/null || echo gone`).includes("gone")).then(
      () => {
        // XDP runs first: what it passed reached tc, and each packet met exactly one of the two
        expect(one.count()).toBeGreaterThan(0n);
        expect(two.count()).toBeGreaterThan(0n);
        expect(one.count() + two.count()).toBe(whole.count());
      },
    );
  });

  test("what cannot be attached is refused by name", () => {
    const { west } = vethPair();
    const program = constant("tc", Tc.Ok, "ok");
    expect(
      codeOf(() => program.attachTc({ ifindex: 9999, netns: west.netns }, { direction: "egress", mechanism })),
    ).toBe("no-device");
    const xdp = constant("xdp", Xdp.Pass, "xdp").attachXdp(west);
    onTestFinished(() => xdp.close());
    const first = program.attachTc(...place(west, "ingress"));
    onTestFinished(() => first.close());
    const order = { before: xdp };
    expect(codeOf(() => program.attachTc(west, { direction: "ingress", mechanism, order }))).toBe("order");
  });
});

test("without a wish, tc programs go to TCX where there is TCX", () => {
  const { west } = vethPair();
  const attachment = constant("tc", Tc.Ok, "auto").attachTc(west, { direction: "egress" });
  onTestFinished(() => attachment.close());
  expect(attachment.mechanism).toBe("tcx");
  expect(west.run("bpftool", "net", "show", "dev", "west").length).toBeGreaterThan(0);
});

describe("a clsact", () => {
  const mechanism = "clsact";
  const has = (end: End): boolean => end.run("tc", "qdisc", "show", "dev", "west").includes("clsact");

  test("of someone else's, and its filters, are left alone", () => {
    const { west } = vethPair();
    west.run("tc", "qdisc", "add", "dev", "west", "clsact");
    const attachment = constant("tc", Tc.Ok, "guest").attachTc(west, { direction: "egress", mechanism });
    attachment.close();
    expect(has(west)).toBe(true);
  });

  test.each([[0, 1] as const, [1, 0] as const])("of ours goes with its last filter: %i, then %i", (first, last) => {
    const { west } = vethPair();
    const program = constant("tc", Tc.Ok, "host");
    const [ingress, egress] = [
      program.attachTc(west, { direction: "ingress", mechanism }),
      program.attachTc(west, { direction: "egress", mechanism }),
    ];
    egress.replace(constant("tc", Tc.Ok, "other"));
    [ingress, egress][first]?.detach();
    expect(has(west)).toBe(true);
    [ingress, egress][last]?.detach();
    expect(has(west)).toBe(false);
  });

  test("of ours stays while someone else has a filter in it", () => {
    const { west } = vethPair();
    const program = constant("tc", Tc.Ok, "host");
    const attachment = program.attachTc(west, { direction: "egress", mechanism });
    const route = openRtnetlink(west.netns);
    onTestFinished(() => route.close());
    const place = { device: west.ifindex, direction: "ingress", priority: 1, handle: 1 } as const;
    attachFilter(route, place, { fd: program.fd, name: "foreign" });
    attachment.close();
    expect(filters(route, west.ifindex, "ingress")).toMatchObject([{ name: "foreign" }]);
  });
});

const waitFor = async (condition: () => boolean, limitMs = 5000): Promise<void> => {
  const end = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not so after ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
