/**
 * Netlink messages: a 16-byte header, a fixed structure of the family, then attributes (length u16, type u16, payload,
 * each padded to 4 bytes). All integers are in the machine's order, which is little-endian on x86-64 and arm64.
 * Source: include/uapi/linux/netlink.h.
 */
export const HEADER_BYTES = 16;

const NLA_F_NESTED = 0x8000;

/** Writes a message body; the socket fills in the header, for which the first 16 bytes are kept free. */
export class MessageBuilder {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = HEADER_BYTES;

  u8(value: number): this {
    this.#view.setUint8(this.#grow(1), value);
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#grow(2), value, true);
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#grow(4), value, true);
    return this;
  }

  /** Raw bytes, not padded: for a fixed structure that comes ready-made. */
  bytes(value: Uint8Array): this {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  attrU8(type: number, value: number): this {
    return this.attrBytes(type, Uint8Array.of(value));
  }

  attrU16(type: number, value: number): this {
    return this.attrBytes(type, new Uint8Array(Uint16Array.of(value).buffer));
  }

  attrU32(type: number, value: number): this {
    return this.attrBytes(type, new Uint8Array(Uint32Array.of(value).buffer));
  }

  attrU64(type: number, value: bigint): this {
    return this.attrBytes(type, new Uint8Array(BigUint64Array.of(value).buffer));
  }

  /** A NUL-terminated string. */
  attrString(type: number, value: string): this {
    return this.attrBytes(type, new TextEncoder().encode(`${value}\0`));
  }

  /** An attribute whose presence is its value. */
  attrFlag(type: number): this {
    return this.attrBytes(type, new Uint8Array(0));
  }

  attrBytes(type: number, value: Uint8Array): this {
    const at = this.#grow((4 + value.length + 3) & ~3);
    this.#view.setUint16(at, 4 + value.length, true);
    this.#view.setUint16(at + 2, type, true);
    this.#bytes.set(value, at + 4);
    return this;
  }

  /** An attribute that holds what `write` writes. */
  nest(type: number, write: (message: this) => void): this {
    const at = this.#grow(4);
    write(this);
    this.#view.setUint16(at, this.#length - at, true);
    this.#view.setUint16(at + 2, type | NLA_F_NESTED, true);
    return this;
  }

  /** The whole message with this header (`nlmsghdr`; port 0: the kernel knows the sender). */
  finish(type: number, flags: number, sequence: number): Uint8Array {
    this.#view.setUint32(0, this.#length, true);
    this.#view.setUint16(4, type, true);
    this.#view.setUint16(6, flags, true);
    this.#view.setUint32(8, sequence, true);
    return this.#bytes.subarray(0, this.#length);
  }

  /** Room for `count` more bytes, zeroed; returns where they start. */
  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
