/** Extended communities of BGP (RFC 4360; https://www.iana.org/assignments/bgp-extended-communities). */
import { bandwidthText } from "./bandwidth-text.ts";
import { bitNames } from "./bit-names.ts";
import type { Message } from "./message.ts";

/** `target (0x0002), Flags [none]: 65000:100 (= 0.0.0.100)`: 8 bytes at a place. */
export const extendedCommunityText = (message: Message, at: number): string => {
  message.need(at, 8);
  const type = message.word(at);
  const kind = kinds[type];
  const flags = bitNames(type >> 8, flagNames);
  const name = `${kind?.[0] ?? "unknown extd community typecode"} (0x${message.hex(at, 2)}), Flags [${flags}]: `;
  return name + (kind === undefined ? message.hex(at + 2, 6) : kind[1](message, at + 2));
};

const flagNames = [[0x80, "vendor-specific"], [0x40, "non-transitive"]] as const; // prettier-ignore

type Form = (message: Message, at: number) => string;
const as2: Form = (message, at) => `${message.word(at)}:${message.long(at + 2)} (= ${message.address("ipv4", at + 2)})`;
const as4: Form = (message, at) => `${message.long(at)}:${message.word(at + 4)}`;
const byAddress: Form = (message, at) => `${message.address("ipv4", at)}:${message.word(at + 4)}`;
const router: Form = (message, at) => message.address("ipv4", at);
const asNumber: Form = (message, at) => `AS ${message.word(at)}`;

/** RFC 4577, section 4.2.6. */
const routeType: Form = (message, at) => {
  const [type, options] = [message.byte(at + 4), message.byte(at + 5)];
  const metric = (options & 1) === 1 ? "E2" : type === 5 || type === 7 ? "E1" : "";
  return `area:${router(message, at)}, router-type:${routeTypes[type] ?? `unknown (0x${message.hex(at + 4, 1)})`}, metric-type:${metric}`;
};
const routeTypes: Readonly<Record<number, string>> = { 1: "Router", 2: "Network", 3: "Summary", 5: "External", 7: "NSSA External", 129: "MPLS-VPN Sham" }; // prettier-ignore

const bandwidth: Form = (message, at) => `bandwidth: ${bandwidthText(message, at + 2)}`;

const kinds: Readonly<Record<number, readonly [name: string, form: Form]>> = {
  0x0002: ["target", as2],
  0x0003: ["origin", as2],
  0x0005: ["ospf-domain", router],
  0x0009: ["source-AS", asNumber],
  0x000a: ["l2vpn-id", as2],
  0x0102: ["target", byAddress],
  0x0103: ["origin", byAddress],
  0x0105: ["ospf-domain", router],
  0x0107: ["ospf-router-id", router],
  0x010b: ["vrf-route-import", byAddress],
  0x0202: ["target", as4],
  0x0203: ["origin", as4],
  0x0205: ["ospf-domain", router],
  0x0306: ["ospf-route-type", routeType],
  0x4004: ["link-BW", bandwidth],
  0x8000: ["ospf-route-type", routeType],
  0x8001: ["ospf-router-id", router],
  0x8005: ["ospf-domain", router],
};
