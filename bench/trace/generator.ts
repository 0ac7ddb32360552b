/** Sends traces of two hops to a sink, as the node in front of it does. */
import type { Netns } from "../../src/linux/netns.ts";
import { encodePacket, ipv6, mac } from "../../src/wire/index.ts";
import { FrameGenerator } from "../live/frame-generator.ts";

const FRAME_BYTES = 200;
const HOP_BY_HOP_AT = 54;
/** Of a header with 84 bytes of data: padding and option 8, trace header 8, then 28 for each hop, the last one's free. */
const DATA_AT = HOP_BY_HOP_AT + 4 + 4 + 8;
const FIRST_NODE_ID_AT = DATA_AT + 2 * 28 + 3;
const UDP_AT = HOP_BY_HOP_AT + 104;

/** Flows are on paths of their own. */
export const traceGenerator = (
  netns: Netns,
  device: { readonly name: string; readonly index: number },
): FrameGenerator => new FrameGenerator(netns, device, frameOf(), { port: UDP_AT, flow: FIRST_NODE_ID_AT });

const frameOf = (): Uint8Array<ArrayBuffer> => {
  const hop = (nodeId: number, hopLimit: number) => ({
    nodeId,
    hopLimit,
    ingressId: 1,
    egressId: 2,
    timestampSeconds: 1_795_220_463,
    timestampFraction: 100 * nodeId,
    transitDelayNs: 1000,
    namespaceData: "0xdeadbeef",
    queueDepth: 0,
  });
  const trace = {
    namespaceId: 123,
    traceType: 0xfe0000,
    size: 84,
    hops: [hop(1000, 64), hop(2, 63)],
    remainingWords: 7,
    nodeLength: 7,
    flags: { overflow: false, loopback: false, active: false },
  };
  const head = encodePacket([
    {
      protocol: "ethernet",
      header: { destination: mac("2e:fe:7c:b0:c7:31"), source: mac("2e:fe:7c:b0:c7:22") },
    },
    { protocol: "ipv6", header: { hopLimit: 62, source: ipv6("db01::1"), destination: ipv6("db02::2") } },
    { protocol: "hop-by-hop", options: [{ kind: "ioam", ioamType: 0, reserved: 0, trace }] },
    { protocol: "udp", header: { sourcePort: 40_000, destinationPort: 9 } },
    { protocol: "payload", bytes: new Uint8Array(FRAME_BYTES - UDP_AT - 8) },
  ]);
  if (head.length !== FRAME_BYTES) throw new Error(`a frame of ${head.length} bytes`);
  return Uint8Array.from(head);
};
