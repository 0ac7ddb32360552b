/** Options of TCP. */
import { readInteger, writeInteger } from "../integer.ts";
import { be16, be32, header, u8 } from "../layout.ts";
import { layoutOption, optionFormat, type OptionKind, type OptionOf } from "../option-list.ts";

/** Kinds of TCP options: https://www.iana.org/assignments/tcp-parameters. */
export const TcpOptionType = {
  EndOfList: 0,
  NoOperation: 1,
  MaximumSegmentSize: 2,
  WindowScale: 3,
  SackPermitted: 4,
  Sack: 5,
  Timestamps: 8,
} as const;

/** Bytes received beyond a gap (RFC 2018, section 3): from sequence number `left` to just before `right`. */
export interface SackBlock {
  readonly left: number;
  readonly right: number;
}

const sack: OptionKind<"sack", { readonly blocks: readonly SackBlock[] }> = {
  kind: "sack",
  type: TcpOptionType.Sack,
  decode: (bytes, offset, length) =>
    length % 8 !== 0
      ? null
      : { blocks: Array.from({ length: length / 8 }, (_, index) => block(bytes, offset + index * 8)) },
  encode({ blocks }) {
    const bytes = new Uint8Array(blocks.length * 8);
    blocks.forEach(({ left, right }, index) => {
      writeInteger(be32, left, bytes, index * 8);
      writeInteger(be32, right, bytes, index * 8 + 4);
    });
    return bytes;
  },
  text(bytes, offset, length) {
    let text = `sack ${Math.floor(length / 8)} `;
    for (let at = 0; at + 8 <= length; at += 8) {
      const { left, right } = block(bytes, offset + at);
      text += `{${left}:${right}}`;
    }
    return text;
  },
};

const block = (bytes: Uint8Array, offset: number): SackBlock => ({
  left: readInteger(be32, bytes, offset) as number,
  right: readInteger(be32, bytes, offset + 4) as number,
});

const kinds = [
  layoutOption(
    "maximumSegmentSize",
    TcpOptionType.MaximumSegmentSize,
    header("Maximum Segment Size", "RFC 9293, section 3.7.1", { size: be16 }),
    ({ size }) => `mss ${size}`,
  ),
  layoutOption(
    "windowScale",
    TcpOptionType.WindowScale,
    header("Window Scale", "RFC 7323, section 2.2", { shift: u8 }),
    ({ shift }) => `wscale ${shift}`,
  ),
  layoutOption(
    "sackPermitted",
    TcpOptionType.SackPermitted,
    header("SACK Permitted", "RFC 2018, section 2", {}),
    () => "sackOK",
  ),
  sack,
  layoutOption(
    "timestamps",
    TcpOptionType.Timestamps,
    header("Timestamps", "RFC 7323, section 3.2", { value: be32, echo: be32 }),
    ({ value, echo }) => `TS val ${value} ecr ${echo}`,
  ),
] as const;

export const tcpOptionFormat = optionFormat({
  singles: { [TcpOptionType.EndOfList]: "eol", [TcpOptionType.NoOperation]: "nop" },
  end: TcpOptionType.EndOfList,
  lengthCountsHeader: true,
  unit: 1,
  kinds,
});

/** An option of a TCP header, decoded. */
export type TcpOption = OptionOf<typeof tcpOptionFormat>;
