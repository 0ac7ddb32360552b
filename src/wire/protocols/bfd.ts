/** BFD: whether the other end still answers, many times a second. */
import { be32, bits, header, u8 } from "../layout.ts";
import { hexDump } from "../line/hex-dump.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { longAt, messageProtocol, type Message } from "./message.ts";

/** Intervals are microseconds. */
export const Bfd = header("Bfd", "RFC 5880, section 4.1", {
  version: bits(3),
  diagnostic: bits(5),
  state: bits(2),
  poll: bits(1),
  final: bits(1),
  controlPlaneIndependent: bits(1),
  authenticated: bits(1),
  demand: bits(1),
  multipoint: bits(1),
  multiplier: u8,
  length: u8,
  mine: be32,
  yours: be32,
  desiredTx: be32,
  requiredRx: be32,
  requiredEchoRx: be32,
});

const control = <Name extends string>(name: Name, title: string, udpPorts: readonly number[]) =>
  messageProtocol({
    name,
    abbreviation: "bfd",
    udpPorts,
    layout: Bfd,
    defaults: { version: 1, state: 3, multiplier: 3, length: Bfd.size },

    print(printer, message) {
      const { bytes, offset, end, wireEnd } = message;
      if (end - offset < LEAST_BYTES) return false;
      const version = bytes[offset]! >> 5;
      printer.text += `BFDv${version}, ${printer.level > 0 ? `length: ${wireEnd - offset}\n\t` : ""}${title}, `;
      if (version === 1) printer.text += `State ${states[bytes[offset + 1]! >> 6]!}, `;
      const names = version === 0 ? oldFlags : flags;
      const set = names.flatMap(([bit, flag]) => ((bytes[offset + 1]! & bit) === 0 ? [] : [flag])).join(", ");
      printer.text += `Flags: [${set === "" ? "none" : set}]`;
      if (printer.level === 0) printer.text += `, length: ${wireEnd - offset}`;
      return printer.level === 0 || printIntervals(printer, message);
    },
  });

export const bfd = control("bfd", "Control", [3784]);
export const bfdMultihop = control("bfd-multihop", "Multihop", [4784]);
export const bfdLag = control("bfd-lag", "Lag", [6784]);

/** What comes back as it was sent: its contents are the sender's own (RFC 5880, section 5). Kept as bytes. */
export const bfdEcho: Protocol<"bfd-echo", { bytes: Uint8Array }> = {
  name: "bfd-echo",
  abbreviation: "bfd",
  udpPorts: [3785],

  measure: (_bytes, offset, end) => (offset === end ? truncated : end - offset),
  decode: (bytes, offset, length) => ({ bytes: bytes.subarray(offset, offset + length) }),
  encode: ({ bytes = new Uint8Array(0) }) => bytes,

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, end, wireEnd } = spans[index]!;
    printer.text += `BFD, Echo, length: ${wireEnd - offset}`;
    if (printer.level > 0 && printer.hexFollows !== true) printer.text += hexDump(bytes, offset, end, false);
    return true;
  },
};

/** Without them not even the state is told. */
const LEAST_BYTES = 4;

const printIntervals = (printer: Printer, { bytes, offset, end }: Message): boolean => {
  const diagnostic = bytes[offset]! & 0x1f;
  printer.text += `, Diagnostic: ${diagnostics[diagnostic] ?? "unknown"} (0x${diagnostic.toString(16).padStart(2, "0")})`;
  if (offset + Bfd.size > end) return false;
  const multiplier = bytes[offset + 2]!;
  const ms = (at: number): number => Math.trunc(longAt(bytes, offset + at) / 1000);
  printer.text += `\n\tDetection Timer Multiplier: ${multiplier} (${ms(12) * multiplier} ms Detection time), BFD Length: ${bytes[offset + 3]!}`;
  printer.text += `\n\tMy Discriminator: 0x${hex8(longAt(bytes, offset + 4))}, Your Discriminator: 0x${hex8(longAt(bytes, offset + 8))}`;
  printer.text += `\n\t  Desired min Tx Interval:    ${String(ms(12)).padStart(4)} ms`;
  printer.text += `\n\t  Required min Rx Interval:   ${String(ms(16)).padStart(4)} ms`;
  printer.text += `\n\t  Required min Echo Interval: ${String(ms(20)).padStart(4)} ms`;
  return true;
};

const hex8 = (value: number): string => value.toString(16).padStart(8, "0");
const states = ["AdminDown", "Down", "Init", "Up"] as const;
const flags = [[0x20, "Poll"], [0x10, "Final"], [0x08, "Control Plane Independent"], [0x04, "Authentication Present"], [0x02, "Demand"], [0x01, "Multipoint"]] as const; // prettier-ignore
/** Of version 0, which routers do not send any more. */
const oldFlags = [[0x80, "I Hear You"], [0x40, "Demand"], [0x20, "Poll"], [0x10, "Final"], [0x08, "Control Plane Independent"], [0x04, "Authentication Present"]] as const; // prettier-ignore
const diagnostics = ["No Diagnostic", "Control Detection Time Expired", "Echo Function Failed", "Neighbor Signaled Session Down", "Forwarding Plane Reset", "Path Down", "Concatenated Path Down", "Administratively Down", "Reverse Concatenated Path Down"] as const; // prettier-ignore
