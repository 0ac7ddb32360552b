/** Marks that a capture tells beside its packets (`epb_packetid`), of those of a batch that have one: few, or all. */
export class ToldMarks {
  count = 0;
  /** Which packet of the batch, ascending. */
  packet = new Uint32Array(0);
  cpu = new Uint8Array(0);
  seqLow = new Uint32Array(0);
  /** Of the sequence number's upper half, 24 bits are told. */
  seqHigh = new Uint32Array(0);

  /** `low` and `high`: of the packet's id. */
  add(packet: number, low: number, high: number): void {
    const n = this.count++;
    if (n === this.packet.length) this.#grow(Math.max(1 << 10, n * 2));
    this.packet[n] = packet;
    this.cpu[n] = high >>> 24;
    this.seqLow[n] = low;
    this.seqHigh[n] = high & 0x00ff_ffff;
  }

  #grow(capacity: number): void {
    const { packet, cpu, seqLow, seqHigh } = this;
    (this.packet = new Uint32Array(capacity)).set(packet);
    (this.cpu = new Uint8Array(capacity)).set(cpu);
    (this.seqLow = new Uint32Array(capacity)).set(seqLow);
    (this.seqHigh = new Uint32Array(capacity)).set(seqHigh);
  }
}
