/** The Direct Export option (RFC 9326): nodes report what they know of the packet instead of writing it into the packet. */
import { readLayout, writeLayout } from "../codec.ts";
import { toHex, fromHex } from "../hex.ts";
import { be16, be24, header, u8 } from "../layout.ts";

/** What every Direct Export option starts with; extensions of 4 bytes each follow. */
export const DirectExportHeader = header("DirectExportHeader", "RFC 9326, section 3.1.1", {
  namespaceId: be16,
  flags: u8,
  extensionFlags: u8,
  traceType: be24,
  reserved: u8,
});

/** Bits of `extensionFlags`: each stands for 4 more bytes, in the order of the bits. */
export const ExtensionFlag = { FlowId: 0x80, Sequence: 0x40 } as const;

/** Bytes of the extensions that these flags announce. */
const extensionBytes = (extensionFlags: number): number => {
  let bytes = 0;
  for (let bit = 0; bit < 8; bit++) if ((extensionFlags & (0x80 >> bit)) !== 0) bytes += 4;
  return bytes;
};

/** A Direct Export option, decoded. */
export interface DirectExport {
  readonly namespaceId: number;
  /** 24 bits: what nodes shall report. */
  readonly traceType: number;
  /** 32 bits; with the sequence number it names one packet. */
  readonly flowId?: number;
  /** 32 bits. */
  readonly sequence?: number;
  /** Bits that are not defined yet, when one is set. */
  readonly flags?: number;
  /** Extensions that are not defined yet: their bits in `extensionFlags`, and all bytes after those that are. */
  readonly otherExtensions?: { readonly flags: number; readonly data: string };
  /** When it is not zero. */
  readonly reserved?: number;
}

/** Decodes `length` bytes at `offset`; a text that says what is wrong with them. Never throws. */
export const decodeDirectExport = (bytes: Uint8Array, offset: number, length: number): DirectExport | string => {
  if (length < DirectExportHeader.size || offset + length > bytes.length) return "the header is cut";
  const { extensionFlags, flags, reserved, ...rest } = readLayout(DirectExportHeader, bytes, offset);
  if (length < DirectExportHeader.size + extensionBytes(extensionFlags)) return "the extensions are cut";
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  let at: number = DirectExportHeader.size;
  const next = (flag: number): number | undefined => {
    if ((extensionFlags & flag) === 0) return undefined;
    at += 4;
    return view.getUint32(at - 4);
  };
  const flowId = next(ExtensionFlag.FlowId);
  const sequence = next(ExtensionFlag.Sequence);
  const others = extensionFlags & ~(ExtensionFlag.FlowId | ExtensionFlag.Sequence);
  return {
    ...rest,
    ...(flowId !== undefined && { flowId }),
    ...(sequence !== undefined && { sequence }),
    ...(flags !== 0 && { flags }),
    ...((others !== 0 || at < length) && {
      otherExtensions: { flags: others, data: toHex(bytes, offset + at, length - at) },
    }),
    ...(reserved !== 0 && { reserved }),
  };
};

/** The bytes after `ioamType` of an option. */
export const encodeDirectExport = (option: DirectExport): Uint8Array => {
  const { flowId, sequence, otherExtensions } = option;
  const others = otherExtensions === undefined ? new Uint8Array(0) : fromHex(otherExtensions.data);
  const extensions = [flowId, sequence].filter((value) => value !== undefined);
  const bytes = new Uint8Array(DirectExportHeader.size + extensions.length * 4 + others.length);
  writeLayout(
    DirectExportHeader,
    {
      namespaceId: option.namespaceId,
      flags: option.flags ?? 0,
      extensionFlags:
        (flowId === undefined ? 0 : ExtensionFlag.FlowId) |
        (sequence === undefined ? 0 : ExtensionFlag.Sequence) |
        (otherExtensions?.flags ?? 0),
      traceType: option.traceType,
      reserved: option.reserved ?? 0,
    },
    bytes,
    0,
  );
  const view = new DataView(bytes.buffer);
  for (const [index, value] of extensions.entries()) view.setUint32(DirectExportHeader.size + index * 4, value);
  bytes.set(others, DirectExportHeader.size + extensions.length * 4);
  return bytes;
};
