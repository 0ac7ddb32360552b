/** Syslog: where a message comes from, and how bad it is. */
import { hexDump } from "../line/hex-dump.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { visibleByte } from "../text.ts";

/** A message as it is; `facility` and `severity` are read from its start, null where it has none. */
export interface SyslogContent {
  bytes: Uint8Array;
  facility: number | null;
  severity: number | null;
}

export const syslog: Protocol<"syslog", SyslogContent> = {
  name: "syslog",
  abbreviation: "syslog",
  udpPorts: [514],

  measure: (_bytes, offset, end) => (offset === end ? truncated : end - offset),

  decode(bytes, offset, length) {
    const priority = priorityOf(bytes, offset, offset + length);
    const isKnown = typeof priority === "object";
    return {
      bytes: bytes.subarray(offset, offset + length),
      facility: isKnown ? priority.value >> 3 : null,
      severity: isKnown ? priority.value & 7 : null,
    };
  },

  encode: ({ bytes = new Uint8Array(0) }) => bytes,

  print(printer, index) {
    const { offset, end, wireEnd } = printer.packet.spans[index]!;
    printMessage(printer, offset, end, wireEnd);
    return true;
  },

  printUnread: (printer, { offset, end, wireEnd }) => printMessage(printer, offset, end, wireEnd),
};

const printMessage = (printer: Printer, offset: number, end: number, wireEnd: number): void => {
  const { bytes } = printer.packet;
  const priority = priorityOf(bytes, offset, end);
  if (priority === "cut") {
    printer.text += " [|syslog]";
    return;
  }
  if (priority === "none") {
    printer.text += " (invalid)";
    return;
  }
  const { value, textAt } = priority;
  const [facility, severity] = [value >> 3, value & 7] as const;
  const name = facilities[facility] ?? `unknown (${facility})`;
  if (printer.level === 0) {
    printer.text += `SYSLOG ${name}.${severities[severity]!}, length: ${wireEnd - offset}`;
    return;
  }
  printer.text += `SYSLOG, length: ${wireEnd - offset}\n\tFacility ${name} (${facility}), Severity ${severities[severity]!} (${severity})\n\tMsg: `;
  printer.text += Array.from(bytes.subarray(textAt, end), visibleByte).join("");
  if (end < wireEnd) printer.text += " [|syslog]";
  else if (printer.level > 1 && printer.hexFollows !== true) printer.text += hexDump(bytes, offset, end, false);
};

type Priority = "cut" | "none" | { readonly value: number; readonly textAt: number };

/** `<34>`: one to three digits (RFC 3164, section 4.1.1). */
const priorityOf = (bytes: Uint8Array, offset: number, end: number): Priority => {
  if (offset >= end) return "cut";
  if (bytes[offset] !== LESS) return "none";
  let value = 0;
  for (let at = offset + 1; at <= offset + 4; at++) {
    if (at >= end) return "cut";
    const byte = bytes[at]!;
    if (byte === GREATER) return { value, textAt: at + 1 };
    if (byte < 0x30 || byte > 0x39) return "none";
    value = value * 10 + byte - 0x30;
  }
  return "none";
};

const LESS = 0x3c;
const GREATER = 0x3e;
const facilities = ["kernel", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "security", "console", "cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"] as const; // prettier-ignore
const severities = ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"] as const;
