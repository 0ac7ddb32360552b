import type { Sample, Spec } from "../spec.ts";
import { changed, Drop, Pass, tcp4, udp6 } from "./packets.ts";

const LATER_FRAGMENT = 256;
const TOO_MANY_HEADERS = 257;
const TRUNCATED = 258;
const NOT_IPV6 = 259;

const HOP_BY_HOP = 0;
const TCP = 6;
const UDP = 17;
const ROUTING = 43;
const FRAGMENT = 44;
const AH = 51;
const NO_NEXT = 59;
const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;

const IPV6_END = 54;
const NEXT_HEADER_AT = 20;

/** An extension header of 8 bytes, or one with the given length byte and as many bytes as that means. */
interface Header {
  readonly type: number;
  readonly length?: number;
  readonly fragment?: number;
}

const sizeOf = ({ type, length = 0 }: Header): number =>
  type === FRAGMENT ? 8 : type === AH ? (length + 2) * 4 : (length + 1) * 8;

/** A frame with these headers, and what follows the last of them. */
const frame = (headers: readonly Header[], last: number): Uint8Array => {
  const chain = headers.flatMap((header, index) => {
    const bytes = new Uint8Array(sizeOf(header)).fill(0xee);
    bytes[0] = headers[index + 1]?.type ?? last;
    bytes[1] = header.length ?? 0;
    if (header.type === FRAGMENT) bytes.set([(header.fragment ?? 0) >> 8, (header.fragment ?? 0) & 255], 2);
    return [...bytes];
  });
  const bytes = Uint8Array.from([...udp6.subarray(0, IPV6_END), ...chain, ...new Uint8Array(8)]);
  return changed(bytes, NEXT_HEADER_AT, headers[0]?.type ?? last);
};

const walked = (name: string, headers: readonly Header[], last: number): Sample => ({
  name,
  packet: frame(headers, last),
  verdict: Pass,
  counts: { [last]: [1, headers.reduce((sum, header) => sum + sizeOf(header), 0)] },
});

const repeated = (count: number): Header[] => Array.from({ length: count }, () => ({ type: DESTINATION_OPTIONS }));
const usual: readonly Header[] = [
  { type: HOP_BY_HOP, length: 3 },
  { type: ROUTING, length: 2 },
  { type: FRAGMENT, fragment: 1 },
  { type: DESTINATION_OPTIONS },
];

export const ipv6Extensions: Spec = {
  name: "ipv6-extensions",
  program: "ipv6_extensions",
  repeat: "ipv6_extensions",
  samples: [
    walked("four headers", usual, TCP),
    walked("none", [], UDP),
    walked(
      "authentication",
      [
        { type: AH, length: 4 },
        { type: MOBILITY, length: 1 },
      ],
      NO_NEXT,
    ),
    walked("the longest", [{ type: HOP_BY_HOP, length: 255 }], TCP),
    walked("seven headers", repeated(7), TCP),
    {
      name: "eight headers",
      packet: frame(repeated(8), TCP),
      verdict: Drop,
      counts: { [TOO_MANY_HEADERS]: [1, 64] },
    },
    {
      name: "a later fragment",
      packet: frame([{ type: HOP_BY_HOP }, { type: FRAGMENT, fragment: 0x0009 }, { type: ROUTING }], TCP),
      verdict: Pass,
      counts: { [LATER_FRAGMENT]: [1, 8] },
    },
    {
      name: "cut in the second header",
      packet: frame([{ type: HOP_BY_HOP }, { type: ROUTING, length: 2 }], TCP).slice(0, IPV6_END + 8 + 23),
      verdict: Drop,
      counts: { [TRUNCATED]: [1, 8] },
    },
    {
      name: "cut in a header's first bytes",
      packet: frame([{ type: HOP_BY_HOP }], TCP).slice(0, IPV6_END + 1),
      verdict: Drop,
      counts: { [TRUNCATED]: [1, 0] },
    },
    {
      name: "cut in a fragment header",
      packet: frame([{ type: FRAGMENT }], TCP).slice(0, IPV6_END + 7),
      verdict: Drop,
      counts: { [TRUNCATED]: [1, 0] },
    },
    { name: "cut in IPv6", packet: udp6.slice(0, IPV6_END - 1), verdict: Drop, counts: { [TRUNCATED]: [1, 0] } },
    { name: "IPv4", packet: tcp4, verdict: Pass, counts: { [NOT_IPV6]: [1, 0] } },
  ],
};
