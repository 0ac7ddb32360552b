/** Finds the maximum segment size among a TCP segment's options: a loop that the packet steers. */
import { Tc } from "../../../src/kernel/context.ts";
import { tc } from "../../../src/kernel/program.ts";
import { be16, header, u8 } from "../../../src/wire/layout.ts";
import { Tcp } from "../../../src/wire/headers/tcp.ts";

const Option = header("option", "RFC 9293, section 3.2", { kind: u8, length: u8 });
const Kind = header("kind", "RFC 9293, section 3.2", { kind: u8 });
const Mss = header("mss", "RFC 9293, section 3.7.1", { kind: u8, length: u8, value: be16 });
const TCP_AT = 34;
const End = 0;
const NoOperation = 1;
const MaximumSegmentSize = 2;

/** The verdict is the segment size, 0 when there is none. */
export const tcpMss = tc(
  (ctx) => {
    const tcp = ctx.packet.at(Tcp, TCP_AT);
    if (tcp === null) return Tc.Next;
    const end = TCP_AT + tcp.dataOffset * 4;
    let at = TCP_AT + 20;
    for (let count = 0; count < 40; count++) {
      if (at >= end) return 0;
      const kind = ctx.packet.at(Kind, at);
      if (kind === null || kind.kind === End) return 0;
      if (kind.kind === NoOperation) {
        at += 1;
        continue;
      }
      const option = ctx.packet.at(Option, at);
      if (option === null || option.length < 2) return 0;
      if (option.kind === MaximumSegmentSize) {
        const mss = ctx.packet.at(Mss, at);
        return mss === null ? 0 : mss.value;
      }
      at += option.length;
    }
    return 0;
  },
  { name: "tcp_mss" },
);
