/** What DHCP options hold, in tcpdump's words. */
import { formatAddress } from "../address.ts";
import { hexDump } from "../line/hex-dump.ts";
import { visibleByte } from "../text.ts";
import { dhcpOptionName, type DhcpOptionForm } from "./dhcp-option-names.ts";

/** The data of an option of this form; it is all here. */
export const dhcpOptionData = (form: DhcpOptionForm, bytes: Uint8Array, at: number, length: number): string =>
  length === 0 && form !== "text" ? "" : writers[form](bytes, at, length);

type Writer = (bytes: Uint8Array, at: number, length: number) => string;

/** Elements of `size` bytes, and what is left over. */
const list =
  (size: number, one: (bytes: Uint8Array, at: number) => string): Writer =>
  (bytes, at, length) => {
    const whole = Math.floor(length / size);
    const texts = Array.from({ length: whole }, (_, index) => one(bytes, at + index * size));
    return texts.join(",") + trailing(length - whole * size);
  };

const trailing = (bytes: number): string => (bytes === 0 ? "" : `\n\t  trailing data length ${bytes}`);
const word = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const long = (bytes: Uint8Array, at: number): number => word(bytes, at) * 0x1_0000 + word(bytes, at + 2);
const text = (bytes: Uint8Array, at: number, length: number): string =>
  Array.from(bytes.subarray(at, at + length), visibleByte).join("");
const dotted: Writer = (bytes, at, length) => bytes.subarray(at, at + length).join(".");
const longs = list(4, (bytes, at) => String(long(bytes, at)));
const words = list(2, (bytes, at) => String(word(bytes, at)));

/** One number with a name. */
const named =
  (names: Readonly<Record<number, string>>): Writer =>
  (bytes, at, length) =>
    (names[bytes[at]!] ?? `#${bytes[at]!}`) + trailing(length - 1);

const messages = "Discover Offer Request Decline ACK NACK Release Inform ? LeaseQuery LeaseUnassigned LeaseUnknown LeaseActive".split(" "); // prettier-ignore

const message: Writer = (bytes, at, length) => {
  if (length !== 1) return dotted(bytes, at, length);
  const name = messages[bytes[at]! - 1] ?? "?";
  return name === "?" ? `Unknown (${bytes[at]!})` : name;
};

/** What is asked for, four to a line. */
const parameters: Writer = (bytes, at, length) => {
  let line = "";
  for (let index = 0; index < length; index++) {
    const code = bytes[at + index]!;
    line += `${index % 4 === 0 ? "\n\t      " : ", "}${dhcpOptionName(code).name} (${code})`;
  }
  return line;
};

const client: Writer = (bytes, at, length) => {
  const type = bytes[at]!;
  if (type === 0) return `"${text(bytes, at + 1, length - 1)}"`;
  const address = Array.from(bytes.subarray(at + 1, at + length), (byte) => byte.toString(16).padStart(2, "0"));
  const kind = { 1: "ether", 6: "ieee802" }[type];
  return `${kind === undefined ? `hardware-type ${type},` : kind} ${address.join(":")}`;
};

const userClass: Writer = (bytes, start, length) => {
  if (length < 2) return "[ERROR: length < 2 bytes]";
  let [at, line] = [start, ""];
  for (let count = 1; at < start + length; count++) {
    const size = bytes[at]!;
    line += `\n\t      instance#${count}: `;
    if (size === 0 || at + 1 + size > start + length) return `${line}[ERROR: invalid option]`;
    line += `"${text(bytes, at + 1, size)}", length ${size}`;
    at += 1 + size;
  }
  return line;
};

const domainName: Writer = (bytes, at, length) => {
  if (length < 3) return "[ERROR: length < 3 bytes]";
  const flags = bytes[at]!;
  const letters = [..."SOEN"].filter((_, bit) => (flags & (1 << bit)) !== 0).join("");
  const [forward, back] = [bytes[at + 1]!, bytes[at + 2]!];
  return [
    flags >> 4 === 0 ? "" : `[ERROR: MBZ nibble 0x${(flags >> 4).toString(16)} != 0] `,
    letters === "" ? "" : `[${letters}] `,
    forward + back === 0 ? "" : `${forward}/${back} `,
    `"${text(bytes, at + 3, length - 3)}"`,
  ].join("");
};

const relayNames: Readonly<Record<number, string>> = { 1: "Circuit-ID", 2: "Remote-ID", 6: "Subscriber-ID" };

const relay: Writer = (bytes, start, length) => {
  let [at, line] = [start, ""];
  const end = start + length;
  while (at + 2 <= end) {
    const [code, size] = [bytes[at]!, bytes[at + 1]!];
    const name = relayNames[code];
    line += `\n\t      ${name ?? "Unknown"} SubOption ${code}, length ${size}: `;
    at += 2;
    if (at + size > end) return `${line}length goes past end of option`;
    line += name === undefined ? hexDump(bytes, at, at + size, false, "\t\t") : text(bytes, at, size);
    at += size;
  }
  return line + trailing(end - at);
};

/** RFC 3442: of a destination, only the bytes that its width covers. */
const routes: Writer = (bytes, start, length) => {
  if (length < 5) return "[ERROR: length < 5 bytes]";
  const texts: string[] = [];
  const end = start + length;
  for (let at = start; at < end;) {
    const width = bytes[at]!;
    const significant = Math.ceil(width / 8);
    const needed = 5 + significant;
    if (end - at < 5) return [...texts, `[ERROR: Remaining length (${end - at}) < 5 bytes]`].join(",");
    if (width > 32) return [...texts, `[ERROR: Mask width (${width}) > 32]`].join(",");
    if (end - at < needed) return [...texts, `[ERROR: Remaining length (${end - at - 1}) < ${needed - 1} bytes]`].join(","); // prettier-ignore
    const destination = [0, 0, 0, 0].map((_, index) => (index < significant ? bytes[at + 1 + index]! : 0));
    const to = width === 0 ? "default" : `${destination.join(".")}/${width}`;
    texts.push(`(${to}:${formatAddress("ipv4", bytes, at + 1 + significant)})`);
    at += needed;
  }
  return texts.join(",");
};

const writers: Readonly<Record<DhcpOptionForm, Writer>> = {
  addresses: list(4, (bytes, at) => formatAddress("ipv4", bytes, at)),
  longs,
  words,
  text: (bytes, at, length) => `"${text(bytes, at, length)}"`,
  flags: list(1, (bytes, at) => ["N", "Y"][bytes[at]!] ?? `${bytes[at]!}?`),
  pairs: list(8, (bytes, at) => `(${formatAddress("ipv4", bytes, at)}:${formatAddress("ipv4", bytes, at + 4)})`),
  bytes: dotted,
  netbiosNode: named({ 1: "b-node", 2: "p-node", 4: "m-node", 8: "h-node" }),
  overload: named({ 1: "file", 2: "sname", 3: "file+sname" }),
  message,
  parameters,
  client,
  userClass,
  domainName,
  relay,
  routes,
  unknown: (bytes, at, length) => {
    if (length % 4 === 0) return longs(bytes, at, length);
    if (length % 2 === 0) return words(bytes, at, length);
    return length === 1 ? String(bytes[at]!) : dotted(bytes, at, length);
  },
};
