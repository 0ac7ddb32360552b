/** LLDP: who is at the other end of the cable, by the name it gives itself. */
import { be16, header } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { visibleByte } from "../text.ts";
import { messageProtocol, wordAt } from "./message.ts";

/** Type and length, in 7 and 9 bits, of the first of the fields (TLVs) that make up a message. */
export const Lldp = header("Lldp", "IEEE 802.1AB, section 9.4", { typeAndLength: be16 });

const END = 0;
const SYSTEM_NAME = 5;

export const lldp = messageProtocol({
  name: "lldp",
  abbreviation: "lldp",
  etherTypes: [EtherType.Lldp],
  layout: Lldp,

  print(printer, { bytes, offset, end, wireEnd }) {
    printer.text += `LLDP, length ${wireEnd - offset}`;
    for (let at = offset; at < wireEnd;) {
      if (at + 2 > end) return false;
      const type = wordAt(bytes, at) >> 9;
      const length = wordAt(bytes, at) & 0x1ff;
      if (at + 2 + length > end) return false;
      const value = bytes.subarray(at + 2, at + 2 + length);
      if (type === SYSTEM_NAME) printer.text += `: ${Array.from(value, visibleByte).join("")}`;
      if (type === END) return true;
      at += 2 + length;
    }
    return true;
  },
});
