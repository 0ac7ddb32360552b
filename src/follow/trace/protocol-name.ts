import { IpProtocol } from "../../wire/numbers.ts";
import { UNKNOWN_PROTOCOL } from "./record-layout.ts";

const names = new Map<number, string>([
  ...Object.entries(IpProtocol).map(([name, number]) => [number, name.toLowerCase()] as const),
  [UNKNOWN_PROTOCOL, "unknown"],
]);

/** `icmpv6`, `tcp`, `udp`; a protocol without a name here is its number. */
export const protocolName = (protocol: number): string => names.get(protocol) ?? String(protocol);

const numbers = new Map([...names].map(([number, name]) => [name, number]));

/** What {@link protocolName} was made of. */
export const protocolNumber = (name: string): number => numbers.get(name) ?? Number(name) & 0xff;
