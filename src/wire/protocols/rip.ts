/** RIP: which message it is. */
import { be16, header, u8 } from "../layout.ts";
import { messageProtocol } from "./message.ts";

/** Routes follow, 20 bytes each. */
export const Rip = header("Rip", "RFC 2453, section 4", { command: u8, version: u8, reserved: be16 });

export const rip = messageProtocol({
  name: "rip",
  abbreviation: "rip",
  udpPorts: [520],
  layout: Rip,
  defaults: { command: 1, version: 2 },

  print(printer, { bytes, offset, end, wireEnd }) {
    if (end - offset < Rip.size) return false;
    const [command, version] = [bytes[offset]!, bytes[offset + 1]!] as const;
    printer.text += `RIPv${version}, ${commands[command] ?? `unknown command ${command}`}, length: ${wireEnd - offset}`;
    return true;
  },
});

const commands: Readonly<Record<number, string>> = { 1: "Request", 2: "Response" };
