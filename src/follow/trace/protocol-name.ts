import { IpProtocol } from "../../wire/numbers.ts";

const names = new Map<number, string>(Object.entries(IpProtocol).map(([name, number]) => [number, name.toLowerCase()]));

/** `icmpv6`, `tcp`, `udp`; a protocol without a name here is its number. */
export const protocolName = (protocol: number): string => names.get(protocol) ?? String(protocol);
