import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex } from "../../wire/hex.ts";
import { recordOf } from "./fixtures/records.ts";
import { pathObject } from "./path-object.ts";

const names = new Map([
  [1, "athos"],
  [2, "porthos"],
  [3, "aramis"],
]);

// type 0xfe0000, size 84, three nodes of 28 bytes, the newest first
const full = fromHex(`
  00 7b 38 00 fe 00 00 00
  3e 00 00 03 00 1f ff ff 69 20 00 01 00 00 00 64 ff ff ff ff de ad be ef ff ff ff ff
  3f 00 00 02 00 15 00 16 69 20 00 01 00 00 00 32 00 00 30 39 00 00 00 00 00 00 05 dc
  40 00 00 01 ff ff 00 0b 69 20 00 01 00 00 00 0a ff ff ff ff de ad be ef 00 00 00 00`);

test("a path reads as the issue shows it, keys in that order", () => {
  expect(JSON.stringify(pathObject(recordOf(full), 0, names))).toBe(
    '{"type":"path","namespaceId":123,"traceType":"0xfe0000","source":"db01::1","destination":"db02::2",' +
      '"protocol":"icmpv6","segments":1,"flags":{"overflow":false,"loopback":false,"active":false},' +
      '"remainingWords":0,"hops":[' +
      '{"nodeId":1,"node":"athos","ingressId":null,"egressId":11,"hopLimit":64,"timestampNs":"1763704833000010000",' +
      '"transitDelayNs":null,"queueDepth":0,"namespaceData":"0xdeadbeef"},' +
      '{"nodeId":2,"node":"porthos","ingressId":21,"egressId":22,"hopLimit":63,"timestampNs":"1763704833000050000",' +
      '"transitDelayNs":12345,"queueDepth":1500,"namespaceData":"0x00000000"},' +
      '{"nodeId":3,"node":"aramis","ingressId":31,"egressId":null,"hopLimit":62,"timestampNs":"1763704833000100000",' +
      '"transitDelayNs":null,"queueDepth":null,"namespaceData":"0xdeadbeef"}]}',
  );
});

test("the trace of the design's fixture: absent bits are absent keys, free words count", () => {
  const bytes = fromHex(`00 7b 30 06 f6 00 00 00 ${"00".repeat(24)}
    3e000003 001fffff 6b006887 000e03a9 ffffffff ffffffff 3f000002 00150016 6b006887 000e03a3 cafedeca 00000000`);
  const path = pathObject(recordOf(bytes), 0, new Map());
  expect(path).toMatchObject({ traceType: "0xf60000", remainingWords: 6 });
  expect(path.hops).toEqual([
    {
      nodeId: 2, node: null, ingressId: 21, egressId: 22, hopLimit: 63, timestampNs: "1795188871918435000",
      namespaceData: "0xcafedeca", queueDepth: 0,
    },
    {
      nodeId: 3, node: null, ingressId: 31, egressId: null, hopLimit: 62, timestampNs: "1795188871918441000",
      namespaceData: null, queueDepth: null,
    },
  ]); // prettier-ignore
});

test("a wide id has a name too; a trace without ids has no node", () => {
  const wide = fromHex("00 7b 10 00 00 80 00 00 40 00 00 00 00 00 00 02");
  expect(pathObject(recordOf(wide), 0, names).hops).toEqual([{ node: "porthos", hopLimit: 64, nodeIdWide: "2" }]);
  const bare = fromHex("00 7b 08 00 02 00 00 00 00 00 00 09");
  expect(pathObject(recordOf(bare), 0, names).hops).toEqual([{ queueDepth: 9 }]);
});

test.each([
  [6, "tcp"],
  [17, "udp"],
  [132, "sctp"],
  [253, "253"],
])("protocol %i is %s", (protocol, name) =>
  expect(pathObject(recordOf(full, { protocol, segments: 44 }), 0, names)).toMatchObject({
    protocol: name,
    segments: 44,
  }),
);

test("any bytes become an object", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 252 }), (bytes) => {
      const path = pathObject(recordOf(bytes), 0, names);
      expect(JSON.parse(JSON.stringify(path))).toEqual(path);
    }),
  );
});
