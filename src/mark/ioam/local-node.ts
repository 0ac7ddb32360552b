/** Reads a node's IOAM identity where the kernel keeps it, so that Hopmark and the kernel's own IOAM answer alike. */
import { ConfigError } from "../../errors.ts";
import { Ioam6 } from "../../linux/genetlink/ioam6.ts";
import type { Netns } from "../../linux/netns.ts";
import { readSysctl } from "../../linux/sysctl.ts";
import type { IoamInterface, IoamNamespace, IoamNode, IoamSchema } from "./node.ts";

const NS_UNSET = 0xffff_ffff;
const NS_WIDE_UNSET = 0xffff_ffff_ffff_ffffn;

/** The node's ids and namespaces in a network namespace. UnsupportedError when the kernel has no IOAM. */
export const localNode = (netns: Netns): IoamNode => {
  // First, because it says what is missing where there is no IOAM.
  const namespaces = localNamespaces(netns);
  return {
    id: Number(readSysctl(netns, "net/ipv6/ioam6_id")),
    idWide: BigInt(readSysctl(netns, "net/ipv6/ioam6_id_wide")),
    namespaces,
  };
};

const localNamespaces = (netns: Netns): IoamNamespace[] => {
  const kernel = new Ioam6(netns);
  try {
    const schemas = new Map(
      kernel
        .schemas()
        .map((schema) => [schema.id, { id: schema.id, words: wordsOf(schema.data) } satisfies IoamSchema]),
    );
    return kernel.namespaces().map(({ id, data, dataWide, schema }) => ({
      id,
      data: data ?? NS_UNSET,
      dataWide: dataWide ?? NS_WIDE_UNSET,
      schema: schema === undefined ? null : (schemas.get(schema) ?? null),
    }));
  } finally {
    kernel.close();
  }
};

/** 4-byte words in network order, the last one padded with zeros as the kernel pads it. */
const wordsOf = (data: Uint8Array): number[] => {
  const padded = new Uint8Array(Math.ceil(data.length / 4) * 4);
  padded.set(data);
  const view = new DataView(padded.buffer);
  return Array.from({ length: padded.length / 4 }, (_, at) => view.getUint32(at * 4));
};

/** The namespace with this id. ConfigError when the node has none. */
export const namespaceOf = (node: IoamNode, id: number): IoamNamespace => {
  const found = node.namespaces.find((namespace) => namespace.id === id);
  if (found !== undefined) return found;
  const known = node.namespaces.map((namespace) => namespace.id).join(", ");
  throw new ConfigError(`IOAM namespace ${id} is not known on this node${known === "" ? "" : ` (it has ${known})`}`, {
    hint: `add it first: hopmark ioam namespace add ${id}`,
  });
};

/** An interface's IOAM ids; `network` is where its packets' IP header starts. */
export const localInterface = (netns: Netns, device: string, network: number): IoamInterface => ({
  id: Number(readSysctl(netns, `net/ipv6/conf/${device}/ioam6_id`)),
  idWide: Number(readSysctl(netns, `net/ipv6/conf/${device}/ioam6_id_wide`)),
  network,
});

/** Whether the node forwards packets of others. */
export const forwards = (netns: Netns): boolean => readSysctl(netns, "net/ipv6/conf/all/forwarding") !== "0";

/** Whether the kernel's own IOAM fills traces that come in by this interface. */
export const kernelFills = (netns: Netns, device: string): boolean =>
  readSysctl(netns, `net/ipv6/conf/${device}/ioam6_enabled`) !== "0";
