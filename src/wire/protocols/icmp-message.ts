/** ICMP and ICMPv6 share their form: type, code, checksum, then a body that the type chooses. */
import { encodeLayout, readLayout } from "../codec.ts";
import type { Layout } from "../layout.ts";
import type { Printer, Span } from "../packet/protocol.ts";

/** What follows type, code and checksum in messages of one type. */
export interface IcmpMessage<Body = unknown> {
  readonly type: number;
  readonly layout: Layout<Body>;
  /** The packet that caused the message follows, cut short. */
  readonly quotes?: boolean;
  /** Neighbour discovery options follow. */
  readonly options?: boolean;
  /** What the line says between the protocol's name and the length. */
  text(body: Body, code: number, printer: Printer, index: number): string;
}

export const icmpMessage = <Body>(
  type: number,
  layout: Layout<Body>,
  text: IcmpMessage<NoInfer<Body>>["text"],
  follows: "quote" | "options" | "data" = "data",
): IcmpMessage<Body> => ({ type, layout, text, quotes: follows === "quote", options: follows === "options" });

/** The body a message type's layout gives, of one of several types. */
export type BodyOf<M> = M extends IcmpMessage<infer Body> ? Readonly<Body> : never;

/** Header and body as bytes; without a body, the header alone. */
export const encodeMessage = <H>(
  base: Layout<H>,
  value: H & { readonly type: number },
  body: unknown,
  messages: ReadonlyMap<number, IcmpMessage>,
): Uint8Array => {
  const message = body === undefined ? undefined : messages.get(value.type);
  if (body !== undefined && message === undefined) throw new Error(`${base.name} type ${value.type} has no body here`);
  const bytes = new Uint8Array(base.size + (message?.layout.size ?? 0));
  bytes.set(encodeLayout(base, value));
  if (message !== undefined) bytes.set(encodeLayout(message.layout, body), base.size);
  return bytes;
};

/** The line's text for the message, or null for a type that has none. */
export const messageText = (
  printer: Printer,
  index: number,
  headerSize: number,
  messages: ReadonlyMap<number, IcmpMessage>,
): string | null => {
  const { bytes, spans } = printer.packet;
  const { offset, length } = spans[index]!;
  const message = messages.get(bytes[offset]!);
  if (message === undefined || length === headerSize) return null;
  return message.text(readLayout(message.layout, bytes, offset + headerSize), bytes[offset + 1]!, printer, index);
};

/** The quoted packet's IP header and its transport header's number, place and destination port, as far as they are there. */
export interface Quotation {
  readonly ip: Span | undefined;
  readonly protocol: string | undefined;
  readonly port: number | undefined;
}

/** Eight bytes of a quoted transport header are enough for its ports. */
export const quotation = (printer: Printer, index: number, protocolOffset: number): Quotation => {
  const { bytes, spans, count } = printer.packet;
  const ip = index + 1 < count ? spans[index + 1]! : undefined;
  if (ip === undefined || ip.protocol.network !== true) return { ip: undefined, protocol: undefined, port: undefined };
  const number = bytes[ip.offset + protocolOffset]!;
  const protocol = number === 6 ? "tcp" : number === 17 ? "udp" : undefined;
  const at = ip.offset + ip.length + 2;
  const port = protocol !== undefined && at + 2 <= ip.end ? (bytes[at]! << 8) | bytes[at + 1]! : undefined;
  return { ip, protocol, port };
};
