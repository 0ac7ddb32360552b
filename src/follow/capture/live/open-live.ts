/** Opens interfaces as captures. */
import { ConfigError, PermissionError, SyscallError } from "../../../errors.ts";
import { currentNetns, openNetns } from "../../../linux/netns.ts";
import { RING_BLOCK_BYTES } from "../../../linux/packet-ring.ts";
import { compileFilter } from "../../../linux/pcap-filter.ts";
import { links } from "../../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { keepFront } from "../../../linux/socket-filter.ts";
import { LinkType } from "../../../wire/numbers.ts";
import { linkTypeOf, LiveCapture } from "./live-capture.ts";

/** An interface as the source of a capture. */
export interface LiveSource {
  /** `eth0`; `any`: all of them, their packets behind a Linux cooked header. */
  readonly device: string;
  /** Name, path or process id of its network namespace; the caller's when left out. */
  readonly netns?: string | undefined;
  /** pcap-filter(7); libpcap translates it, the kernel runs it. */
  readonly filter?: string | undefined;
  /** At most so many bytes of a packet; 0 or nothing: all. */
  readonly snapLength?: number | undefined;
  /** Packets for others, too, where they pass by: true when left out. */
  readonly promiscuous?: boolean | undefined;
  /** Bytes of packets that wait in the kernel before it loses some; 16 MiB when left out. */
  readonly bufferBytes?: number | undefined;
}

const SNAP_LENGTH = 0x40000;
const BUFFER_BYTES = 16 << 20;

/** ConfigError for an interface that is not there, or a filter that is wrong or asks for VLAN tags; PermissionError without CAP_NET_RAW. */
export const openLiveCapture = (source: LiveSource, marks: boolean): LiveCapture => {
  const { device, snapLength = 0, promiscuous = true, bufferBytes = BUFFER_BYTES } = source;
  if (source.filter !== undefined && asksForTags(source.filter)) {
    throw new ConfigError(
      `the filter "${source.filter}" asks for VLAN tags, which the kernel takes off before it runs filters`,
      {
        hint: "take all packets and choose among them, as hopmark dump does",
      },
    );
  }
  const netns = source.netns === undefined ? currentNetns() : openNetns(source.netns);
  try {
    const found = device === "any" ? anyDevice : findDevice(source, netns);
    const kept = snapLength === 0 ? SNAP_LENGTH : snapLength;
    // Without a link-layer header, filters see packets from their IP header on.
    const seen = found.ifindex === 0 ? LinkType.Raw : found.linkType;
    return new LiveCapture({
      netns,
      device,
      ...found,
      snapLength: kept,
      promiscuous,
      filter: source.filter === undefined ? keepFront(kept) : compileFilter(source.filter, seen, kept),
      bytes: Math.max(2, Math.ceil(bufferBytes / RING_BLOCK_BYTES)) * RING_BLOCK_BYTES,
      marks,
    });
  } catch (error) {
    if (error instanceof SyscallError && error.errno === "EPERM") {
      throw new PermissionError("CAP_NET_RAW", `you may not see the packets of ${device}`, {
        hint: "run it as root, or give it CAP_NET_RAW",
        cause: error,
      });
    }
    throw error;
  } finally {
    netns.close();
  }
};

/** Whether a filter looks at VLAN tags. */
const asksForTags = (filter: string): boolean => /\bvlan\b/.test(filter);

const anyDevice = { ifindex: 0, loopback: false, linkType: LinkType.LinuxCooked2 } as const;

const findDevice = (
  { device, netns: where }: LiveSource,
  netns: Parameters<typeof openRtnetlink>[0],
): { readonly ifindex: number; readonly loopback: boolean; readonly linkType: number } => {
  const route = openRtnetlink(netns);
  try {
    const all = links(route);
    const link = all.find(({ name }) => name === device);
    if (link === undefined) {
      throw new ConfigError(`there is no interface ${device}${where === undefined ? "" : ` in ${where}`}`, {
        hint: RING_NAME.test(device)
          ? `a ring of a pval device is read with hopmark dump --ring ${device}`
          : `there are ${all.map(({ name }) => name).join(", ")}, and any for all of them`,
      });
    }
    const linkType = linkTypeOf(link.hardwareType);
    if (linkType === undefined) {
      throw new ConfigError(`${device} is of a kind (ARPHRD ${link.hardwareType}) whose packets nothing here knows`, {
        hint: "hopmark dump -i any shows them from their network layer on",
      });
    }
    return { ifindex: link.index, loopback: link.hardwareType === LOOPBACK, linkType };
  } finally {
    route.close();
  }
};

/** As `ringName` makes them. */
const RING_NAME = /-[rt]x(-cpu-\d+)?$/;

/** ARPHRD_LOOPBACK. */
const LOOPBACK = 772;
