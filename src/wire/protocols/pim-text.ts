/** PIM, version 2, in full (RFC 7761, section 4.9; RFC 5059; RFC 5015; RFC 3973). */
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { durationText } from "./duration-text.ts";
import { hex4 } from "./ip-text.ts";
import type { Message } from "./message.ts";

/** `Join / Prune` */
export const pimName = (type: number): string => names[type] ?? "Unknown Type";

/** What goes behind the checksum. */
export const printPim = (printer: Printer, message: Message, type: number): void => {
  const print = printers[type];
  if (print !== undefined) print(printer, message, message.offset + HEADER_BYTES);
  else printer.text += ` [type ${type}]`;
};

const HEADER_BYTES = 4;
type Print = (printer: Printer, message: Message, at: number) => void;

const register: Print = (printer, message, at) => {
  const flags = message.long(at) >>> 30;
  printer.text += `, Flags [ ${flags === 2 ? "Border" : flags === 1 ? "Null" : "none"} ]`;
  if (message.end > at + 4) {
    // What follows as IP is a layer of its own.
    const version = message.byte(at + 4) >> 4;
    if (version !== 4 && version !== 6) printer.text += `\n\tIP ver ${version}`;
    return;
  }
  printer.text += "\n\t";
  message.stop();
};

const hello: Print = (printer, message, start) => {
  const { wireEnd } = message;
  for (let at = start; at < wireEnd;) {
    message.need(at, 4);
    const [type, length] = [message.word(at), message.word(at + 2)];
    const option = options[type];
    printer.text += `\n\t  ${option?.name ?? "Unknown"} Option (${type}), length ${length}, Value: `;
    at += 4;
    message.need(at, length);
    if (option?.length !== undefined && length !== option.length) {
      printer.text += `[option length ${length} != ${option.length}] (invalid)`;
      return;
    }
    option?.print?.(printer, message, at, length);
    if (option === undefined || printer.level > 1)
      printer.text += hexDump(message.bytes, at, at + length, false, "\t    ");
    at += length;
  }
};

interface HelloOption {
  readonly name: string;
  /** Any where left out. */
  readonly length?: number;
  print?(printer: Printer, message: Message, at: number, length: number): void;
}

const addressList: NonNullable<HelloOption["print"]> = (printer, message, start, length) => {
  if (printer.level < 2) return;
  for (let at = start; at < start + length;) {
    printer.text += "\n\t    ";
    at = printUnicast(printer, message, at, start + length);
  }
};

const options: Readonly<Record<number, HelloOption>> = {
  1: {
    name: "Hold Time",
    length: 2,
    print(printer, message, at) {
      printer.text += durationText(message.word(at));
    },
  },
  2: {
    name: "LAN Prune Delay",
    length: 4,
    print(printer, message, at) {
      const delay = message.word(at);
      printer.text += `\n\t    T-bit=${delay >> 15}, LAN delay ${delay & 0x7fff}ms, Override interval ${message.word(at + 2)}ms`;
    },
  },
  18: {
    name: "DR Priority (Old)",
    print(printer) {
      printer.text += "Bi-Directional Capability (Old)";
    },
  },
  19: {
    name: "DR Priority",
    length: 4,
    print(printer, message, at) {
      printer.text += message.long(at);
    },
  },
  20: {
    name: "Generation ID",
    length: 4,
    print(printer, message, at) {
      printer.text += `0x${message.hex(at, 4)}`;
    },
  },
  21: {
    name: "State Refresh Capability",
    length: 4,
    print(printer, message, at) {
      printer.text += `v${message.byte(at)}`;
      const interval = message.byte(at + 1);
      if (interval !== 0) printer.text += `, interval ${durationText(interval)}`;
      if (message.word(at + 2) !== 0) printer.text += ` ?0x${hex4(message.word(at + 2))}?`;
    },
  },
  22: { name: "Bi-Directional Capability" },
  24: { name: "Address List", print: addressList },
  65001: { name: "Address List (Old)", print: addressList },
};

/** RFC 7761, section 4.9.1: by the family's number. */
const families: Readonly<Record<number, readonly ["ipv4" | "ipv6", number]>> = { 1: ["ipv4", 4], 2: ["ipv6", 16] };

/** Prints an address; returns where it ends, which must be at `end` or before. */
const printAt = (printer: Printer, message: Message, at: number, before: number, end: number): number => {
  const form = families[message.byte(at)];
  // Encodings other than 0 have no meaning.
  if (form === undefined || message.byte(at + 1) !== 0 || at + before + form[1] > end) message.stop();
  printer.text += message.address(form[0], at + before);
  return at + before + form[1];
};

const printUnicast = (printer: Printer, message: Message, at: number, end = message.wireEnd): number =>
  printAt(printer, message, at, 2, end);

/** `224.0.0.0/4(0x04)` */
const printGroup = (printer: Printer, message: Message, at: number): number => {
  message.need(at, 4);
  const [flags, mask] = [message.byte(at + 2), message.byte(at + 3)];
  const end = printAt(printer, message, at, 4, message.wireEnd);
  if (mask !== (end - at - 4) * 8) printer.text += `/${mask}`;
  if (flags !== 0) printer.text += `(0x${flags.toString(16).padStart(2, "0")})`;
  return end;
};

/** `10.0.0.9(SWR)`: sparse, of every source, by way of the rendezvous point. */
const printSource = (printer: Printer, message: Message, at: number): number => {
  message.need(at, 4);
  const [flags, mask] = [message.byte(at + 2), message.byte(at + 3)];
  const end = printAt(printer, message, at, 4, message.wireEnd);
  if (mask !== (end - at - 4) * 8) printer.text += `/${mask}`;
  if (flags === 0) return end;
  printer.text += `(${(flags & 4) === 0 ? "" : "S"}${(flags & 2) === 0 ? "" : "W"}${(flags & 1) === 0 ? "" : "R"}`;
  printer.text += `${flags > 7 ? `+0x${(flags & 0xf8).toString(16).padStart(2, "0")}` : ""})`;
  return end;
};

const registerStop: Print = (printer, message, start) => {
  printer.text += " group=";
  const at = printGroup(printer, message, start);
  printer.text += " source=";
  printUnicast(printer, message, at);
};

const joinPrune: Print = (printer, message, start) => {
  printer.text += ", upstream-neighbor: ";
  let at = printUnicast(printer, message, start);
  message.need(at, 4);
  const [groups, seconds] = [message.byte(at + 1), message.word(at + 2)];
  printer.text += `\n\t  ${groups} group(s), holdtime: ${seconds === FOR_EVER ? "infinite" : durationText(seconds)}`;
  at += 4;
  for (let group = 1; group <= groups; group++) {
    printer.text += `\n\t    group #${group}: `;
    at = printGroup(printer, message, at);
    message.need(at, 4);
    const [joined, pruned] = [message.word(at), message.word(at + 2)];
    printer.text += `, joined sources: ${joined}, pruned sources: ${pruned}`;
    at += 4;
    for (let source = 1; source <= joined + pruned; source++) {
      printer.text += source <= joined ? `\n\t      joined source #${source}: ` : `\n\t      pruned source #${source - joined}: `; // prettier-ignore
      at = printSource(printer, message, at);
    }
  }
};
const FOR_EVER = 0xffff;

const bootstrap: Print = (printer, message, start) => {
  printer.text += ` tag=${message.word(start).toString(16)}`;
  printer.text += ` hashmlen=${message.byte(start + 2)}`;
  message.need(start + 2, 3);
  printer.text += ` BSRprio=${message.byte(start + 3)} BSR=`;
  let at = printUnicast(printer, message, start + 4);
  for (let group = 0; at < message.wireEnd; group++) {
    printer.text += ` (group${group}: `;
    at = printGroup(printer, message, at);
    printer.text += ` RPcnt=${message.byte(at)}`;
    const here = message.byte(at + 1);
    printer.text += ` FRPcnt=${here}`;
    at += 4;
    for (let point = 0; point < here && at < message.wireEnd; point++) {
      printer.text += ` RP${point}=`;
      at = printUnicast(printer, message, at);
      printer.text += `,holdtime=${durationText(message.word(at))},prio=${message.byte(at + 2)}`;
      at += 4;
    }
    printer.text += ")";
  }
};

const assertion: Print = (printer, message, start) => {
  printer.text += " group=";
  let at = printGroup(printer, message, start);
  printer.text += " src=";
  at = printUnicast(printer, message, at);
  const preference = message.long(at);
  message.need(at, 8);
  if (preference > 0x7fff_ffff) printer.text += " RPT";
  printer.text += ` pref=${preference & 0x7fff_ffff} metric=${message.long(at + 4)}`;
};

const candidate: Print = (printer, message, start) => {
  printer.text += ` prefix-cnt=${message.byte(start)}`;
  printer.text += ` prio=${message.byte(start + 1)} holdtime=${durationText(message.word(start + 2))} RP=`;
  let at = printUnicast(printer, message, start + 4);
  for (let group = 0; group < message.byte(start) && at < message.wireEnd; group++) {
    printer.text += ` Group${group}=`;
    at = printGroup(printer, message, at);
  }
};

const stateRefresh: Print = (printer, message, start) => {
  printer.text += " src=";
  let at = printUnicast(printer, message, start);
  printer.text += " grp=";
  at = printGroup(printer, message, at);
  printer.text += " forwarder=";
  at = printUnicast(printer, message, at);
  printer.text += ` TUNR ${durationText(message.word(at))}`;
};

const election: Print = (printer, message, start) => {
  printer.text += `\n\t  ${elections[message.byte(start - 3) >> 4] ?? "Unknown"}, rpa=`;
  const at = printUnicast(printer, message, start);
  printer.text += ` sender pref=${message.long(at)} sender metric=${message.long(at + 4)}`;
};
/** RFC 5015, section 3.7.1. */
const elections: Readonly<Record<number, string>> = { 1: "Offer", 2: "Winner", 3: "Backoff", 4: "Pass" };

const names = ["Hello", "Register", "Register Stop", "Join / Prune", "Bootstrap", "Assert", "Graft", "Graft Acknowledgement", "Candidate RP Advertisement", "Prune Refresh", "DF Election", "ECMP Redirect"] as const; // prettier-ignore
const printers: readonly (Print | undefined)[] = [hello, register, registerStop, joinPrune, bootstrap, assertion, joinPrune, joinPrune, candidate, stateRefresh, election]; // prettier-ignore
