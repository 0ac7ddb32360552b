/** Text as bytes, made without strings: what is printed for millions of packets. */

const NEWLINE = 0x0a;
const encoder = new TextEncoder();

/** Everything is appended at `at`. Numbers are not negative. */
export class LineWriter {
  bytes: Uint8Array<ArrayBuffer>;
  at = 0;

  constructor(capacity: number = 1 << 17) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes sure that so many bytes fit, for those who write into `bytes` themselves. */
  reserve(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.at + length, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.at));
    this.bytes = bytes;
  }

  /** What was written; valid until the next write. Writing starts anew. */
  take(): Uint8Array {
    const bytes = this.bytes.subarray(0, this.at);
    this.at = 0;
    return bytes;
  }

  /** Writes elsewhere from now on: what was taken stays as it is. */
  renew(): void {
    this.bytes = new Uint8Array(this.bytes.length);
    this.at = 0;
  }

  text(text: string): void {
    const { length } = text;
    this.reserve(length * 3);
    const { bytes } = this;
    let at = this.at;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.at += encoder.encodeInto(text, bytes.subarray(this.at)).written;
        return;
      }
      bytes[at++] = code;
    }
    this.at = at;
  }

  newline(): void {
    this.reserve(1);
    this.bytes[this.at++] = NEWLINE;
  }
}

/** Writes a decimal number below 2^32 at `at`; returns where it ends. There is room for it. */
export const putNumber = (bytes: Uint8Array, at: number, value: number): number => {
  if (value < 10) {
    bytes[at] = 0x30 + value;
    return at + 1;
  }
  let end = at + 2;
  if (value >= 100) end += value < 1000 ? 1 : value < 10_000 ? 2 : value < 100_000 ? 3 : longer(value);
  let rest = value;
  for (let place = end - 1; place >= at; place--) {
    // Below 2^31 the division is one of integers.
    const next = rest < 0x8000_0000 ? ((rest | 0) / 10) | 0 : Math.floor(rest / 10);
    bytes[place] = 0x30 + rest - next * 10;
    rest = next;
  }
  return end;
};

const longer = (value: number): number => {
  if (value < 1_000_000) return 4;
  if (value < 10_000_000) return 5;
  if (value < 100_000_000) return 6;
  return value < 1_000_000_000 ? 7 : 8;
};

/** Writes the last `digits` decimal digits of a number below 2^31. */
export const putDigits = (bytes: Uint8Array, at: number, value: number, digits: number): number => {
  let rest = value | 0;
  for (let place = at + digits - 1; place >= at; place--) {
    const next = (rest / 10) | 0;
    bytes[place] = 0x30 + rest - next * 10;
    rest = next;
  }
  return at + digits;
};
