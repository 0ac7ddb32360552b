/** Where the compiler reads the fields of contexts, against what the running kernel says of their structures. */
import { expect, test } from "vitest";
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import type { ContextField, ProgramTypeInfo } from "../../src/compiler/program-types/program-type.ts";
import { programTypes } from "../../src/compiler/program-types/index.ts";

/** Where the kernel has another word than ours, or another order of words. */
const names: Readonly<Record<string, string>> = {
  rxQueue: "rx_queue_index",
  packetType: "pkt_type",
  vlanProtocol: "vlan_proto",
  gsoSegments: "gso_segs",
  timestamp: "tstamp",
  timestampClock: "tstamp_type",
  hardwareTimestamp: "hwtstamp",
  socket: "sk",
  localIpv4: "local_ip4",
  remoteIpv4: "remote_ip4",
  localIpv6: "local_ip6",
  remoteIpv6: "remote_ip6",
  isFullSocket: "is_fullsock",
  rttMinUs: "rtt_min",
  callbackFlags: "bpf_sock_ops_cb_flags",
};

const kernelName = (struct: string, field: string): string => {
  if (struct === "xdp_md" && field === "ifindex") return "ingress_ifindex";
  return names[field] ?? field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
};

const bytesOf = (field: ContextField): number => {
  switch (field.kind) {
    case "address":
      return field.family === "ipv4" ? 4 : 16;
    case "array":
      return 4 * field.length;
    case "socket":
      return 8;
    case undefined:
      return field.size;
  }
};

const fields = Object.values(programTypes).flatMap(({ type, contextStruct, fields: own }: ProgramTypeInfo) =>
  Object.entries(own).map(
    ([name, field]) => [`${type}: ctx.${name}`, contextStruct, kernelName(contextStruct, name), field] as const,
  ),
);

test.each(fields)("%s", (_, struct, name, field) => {
  const known = kernelBtf().field(struct, name);
  expect(known?.offsetBytes).toBe(field.offset);
  // Of some a part is read: 16 bits of 32 hold a tag.
  expect(known?.sizeBytes).toBeGreaterThanOrEqual(bytesOf(field));
});
