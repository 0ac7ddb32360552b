const NLA_TYPE_MASK = 0x3fff;

/**
 * Attributes as received, by type. Of a type that comes twice the last one counts. Bytes that are no attribute end the
 * list: the kernel may add what we do not know.
 */
export class Attributes {
  readonly #payloads = new Map<number, Uint8Array>();

  constructor(bytes: Uint8Array) {
    for (const { type, payload } of attributeList(bytes)) this.#payloads.set(type, payload);
  }

  has(type: number): boolean {
    return this.#payloads.has(type);
  }

  bytes(type: number): Uint8Array | undefined {
    return this.#payloads.get(type);
  }

  /** An unsigned integer of the payload's size, up to 4 bytes. */
  number(type: number): number | undefined {
    const payload = this.#payloads.get(type);
    if (payload === undefined) return undefined;
    const view = viewOf(payload);
    if (payload.length >= 4) return view.getUint32(0, true);
    if (payload.length >= 2) return view.getUint16(0, true);
    return payload.length === 1 ? view.getUint8(0) : undefined;
  }

  u64(type: number): bigint | undefined {
    const payload = this.#payloads.get(type);
    return payload === undefined || payload.length < 8 ? undefined : viewOf(payload).getBigUint64(0, true);
  }

  /** Text up to the first NUL. */
  string(type: number): string | undefined {
    const payload = this.#payloads.get(type);
    if (payload === undefined) return undefined;
    const end = payload.indexOf(0);
    return new TextDecoder().decode(end === -1 ? payload : payload.subarray(0, end));
  }

  /** The attributes inside an attribute; none when it is absent. */
  nested(type: number): Attributes {
    return new Attributes(this.#payloads.get(type) ?? new Uint8Array(0));
  }
}

/** Attributes in their order, with repeated types (lists are made of these). The payloads share memory with `bytes`. */
export function* attributeList(bytes: Uint8Array): Generator<{ type: number; payload: Uint8Array }> {
  const view = viewOf(bytes);
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > bytes.length) return;
    yield { type: view.getUint16(at + 2, true) & NLA_TYPE_MASK, payload: bytes.subarray(at + 4, at + length) };
    at += (length + 3) & ~3;
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
