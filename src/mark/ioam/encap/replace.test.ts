/** A rule that is changed: what goes on counting, and what becomes of its route. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { labDown, labUp, musketeers, openNode } from "../../../lab/index.ts";
import { startPing } from "../../../lab/traffic/ping.ts";
import { processIdentity } from "../../../linux/process-identity.ts";
import { routes } from "../../../linux/rtnetlink/routes.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { addEncap, addEncaps, addSink, deleteEncap, deleteSink, showIoam, type EncapOptions } from "../control.ts";

// Labs and compilations, on machines that have other things to do too.
vi.setConfig({ testTimeout: 60_000 });

const lab = `replace${process.pid}`;
const athos = { device: "h_athos", netns: `${lab}-athos` };
const aramis = { device: "h_aramis", netns: `${lab}-aramis` };
const rule: EncapOptions = {
  prefix: "db02::/64",
  traceType: 0xfe0000,
  namespaceId: 123,
  size: 84,
  frequency: { packets: 1, of: 1 },
};

beforeAll(() => {
  const owner = processIdentity();
  labUp(musketeers(), lab, owner === undefined ? {} : { owner });
}, 60_000);
afterEach(() => {
  if (showIoam(athos.netns).length > 0) deleteEncap(athos);
  if (showIoam(aramis.netns).length > 0) deleteSink(aramis);
});
afterAll(() => void labDown(lab));

/** MTU and lock of the route to a destination; undefined without a route. */
const routeTo = (destination: string): [number | undefined, boolean | undefined] | undefined => {
  const netns = openNode(lab, "athos");
  const socket = openRtnetlink(netns);
  try {
    const found = routes(socket).find((route) => route.destination === destination);
    return found === undefined ? undefined : [found.mtu, found.mtuLock];
  } finally {
    socket.close();
    netns.close();
  }
};

const ping = async (count: number): Promise<void> => {
  const netns = openNode(lab, "athos");
  try {
    const traffic = await startPing(netns, { target: "db02::2", count, intervalMs: 1 });
    expect(await traffic.finished).toMatchObject({ received: count });
  } finally {
    netns.close();
  }
};

const sent = (prefix: string): bigint | undefined =>
  showIoam(athos.netns).find((one) => one.kind === "encap" && one.rule.prefix === prefix)?.counters["sent"];

test("the verbs: add where there is none, change where there is one, replace in either case", () => {
  expect(() => addEncap(athos, rule, "change")).toThrow("h_athos does not trace packets to db02::/64");
  expect(showIoam(athos.netns)).toEqual([]);
  expect(addEncap(athos, rule, "replace").changed).toBe(false);
  expect(() => addEncap(athos, rule)).toThrow("h_athos already traces packets to db02::/64");
  expect(addEncap(athos, { ...rule, size: 56 }, "replace").changed).toBe(true);
  expect(addEncap(athos, rule, "change").changed).toBe(true);
  expect(() => addEncap(athos, { ...rule, prefix: "db03::/64" }, "change")).toThrow("it traces db02::/64");
  expect(() => addSink(aramis, {}, "change")).toThrow("h_aramis has no sink");
  expect([addSink(aramis, {}, "replace"), addSink(aramis, { keep: true }, "change")]).toEqual([false, true]);
  expect(showIoam(aramis.netns)).toMatchObject([{ kind: "sink", options: { keep: true } }]);
});

test("a rule keeps its counters, and its route's MTU follows; nothing of it is left in the end", async () => {
  const wide = { ...rule, prefix: "db02::2/128" };
  addSink(aramis);
  addEncap(athos, rule);
  addEncap(athos, wide);
  // A route of its own, because only a wider one led there.
  expect([routeTo("db02::/64"), routeTo("db02::2/128")]).toEqual([
    [1396, undefined],
    [1396, undefined],
  ]);
  await ping(3);
  addEncap(athos, { ...wide, traceType: 0xf00000, size: 48 }, "change");
  expect(routeTo("db02::2/128")).toEqual([1436, undefined]);
  await ping(3);
  addEncap(athos, { ...wide, mode: "encap", tundst: "db02::2" }, "change");
  expect(routeTo("db02::2/128")).toEqual([1356, undefined]);
  await ping(3);
  expect(sent("db02::2/128")).toBe(9n);
  expect(showIoam(aramis.netns)[0]?.counters).toMatchObject({ received: 9n });
  addEncap(athos, { ...rule, size: 56 }, "change");
  expect(routeTo("db02::/64")).toEqual([1428, undefined]);
  deleteEncap(athos);
  expect([routeTo("db02::/64"), routeTo("db02::2/128")]).toEqual([[undefined, undefined], undefined]);
});

test("packets that are numbered before and after a change are numbered on", async () => {
  addSink(aramis, { e2e: true });
  const numbered = { ...rule, e2e: true };
  const { e2eOrigin } = addEncap(athos, numbered);
  await ping(5);
  // Among rules that are looked up in a map, where settings are told by their number.
  addEncaps(
    athos,
    Array.from({ length: 20 }, (_, index) => ({ ...rule, prefix: `db10:${index}::/48` })),
  );
  for (const change of [
    { traceType: 0xf00000, size: 48 },
    { namespaceId: 123, size: 88 },
  ]) {
    expect(addEncap(athos, { ...numbered, ...change }, "change").e2eOrigin).toBe(e2eOrigin);
    await ping(5);
  }
  expect(showIoam(aramis.netns)).toMatchObject([
    { edgeToEdge: [{ origin: e2eOrigin, received: 15, lost: 0, duplicated: 0, reordered: 0, late: 0 }] },
  ]);
  // Not numbered any more, and of the same settings as others.
  const plain = addEncap(athos, rule, "change");
  expect(
    showIoam(athos.netns).filter((one) => one.kind === "encap" && one.rule.profile === plain.profile),
  ).toHaveLength(21);
  await ping(5);
  expect(sent("db02::/64")).toBe(20n);
  expect(showIoam(aramis.netns)).toMatchObject([{ counters: { received: 20n }, edgeToEdge: [{ received: 15 }] }]);
});

test("a flow id that was drawn stays, and one that is another rule's is refused", () => {
  const asking: EncapOptions = {
    prefix: "db02::/64",
    traceType: 0xf00000,
    namespaceId: 123,
    trace: "dex",
    frequency: rule.frequency,
  };
  const { dexFlowId } = addEncap(athos, asking);
  expect(addEncap(athos, { ...asking, traceType: 0x800000 }, "change").dexFlowId).toBe(dexFlowId);
  expect(addEncap(athos, { ...asking, flowId: 7 }, "change").dexFlowId).toBe(7);
  addEncap(athos, { ...asking, prefix: "db03::/64", flowId: 8 });
  expect(() => addEncap(athos, { ...asking, flowId: 8 }, "change")).toThrow(
    "flow 8 is the one of packets to db03::/64",
  );
  expect(addEncap(athos, rule, "change").dexFlowId).toBeUndefined();
});
