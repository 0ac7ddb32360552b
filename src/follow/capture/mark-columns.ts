/** Finds the pval marks of a batch's packets. */
import { fieldOf } from "../../wire/codec.ts";
import { EtherType, LinkType } from "../../wire/numbers.ts";
import { NetworkLayer } from "../../wire/packet/network-layer.ts";
import type { ToldMarks } from "./told-marks.ts";
import { Ipv4OptionType, PvalOption } from "../../wire/protocols/ipv4-options.ts";
import type { BatchColumns } from "./batch-columns.ts";
import type { MarkColumns } from "./batch.ts";

const IPV4_BYTES = 20;
/** Type and length go before what {@link PvalOption} describes. */
const OPTION_HEADER = 2;
const OPTION_BYTES = OPTION_HEADER + PvalOption.size;
const cpuAt = OPTION_HEADER + fieldOf(PvalOption, "cpu").bitOffset / 8;
const seqAt = OPTION_HEADER + fieldOf(PvalOption, "seq").bitOffset / 8;

export class MarkReader implements MarkColumns {
  present = new Uint8Array(0);
  cpu = new Uint8Array(0);
  seqLow = new Uint32Array(0);
  seqHigh = new Uint32Array(0);
  readonly #layer = new NetworkLayer();

  /** The marks of all packets: those in their bytes, and where those are cut or were taken off, what the capture tells; `linkTypeOf` tells an interface's link type. */
  read(batch: BatchColumns, linkTypeOf: (interfaceId: number) => number): this {
    const { count, bytes, offset, captured, interfaceId } = batch;
    if (this.present.length < count) this.#grow(offset.length);
    const { present } = this;
    let [own, linkType] = [-1, 0];
    for (let n = 0; n < count; n++) {
      const start = offset[n]!;
      if (interfaceId[n] !== own) {
        own = interfaceId[n]!;
        linkType = linkTypeOf(own);
      }
      // Nearly every packet: IPv4 without options, in Ethernet.
      const isPlain = linkType === LinkType.Ethernet && bytes[start + 12] === 8 && bytes[start + 14] === 0x45;
      const at = isPlain ? -1 : this.#find(bytes, start, start + captured[n]!, linkType);
      present[n] = at < 0 ? 0 : 1;
      if (at < 0) continue;
      this.cpu[n] = bytes[at + cpuAt]!;
      this.seqLow[n] = littleAt(bytes, at + seqAt);
      this.seqHigh[n] = littleAt(bytes, at + seqAt + 4);
    }
    this.#complete(batch.told);
    return this;
  }

  #complete({ count, packet, cpu, seqLow, seqHigh }: ToldMarks): void {
    for (let index = 0; index < count; index++) {
      const n = packet[index]!;
      if (this.present[n] === 1) continue;
      this.present[n] = 1;
      this.cpu[n] = cpu[index]!;
      this.seqLow[n] = seqLow[index]!;
      this.seqHigh[n] = seqHigh[index]!;
    }
  }

  /** Where a packet's mark is; -1 without one. */
  #find(bytes: Uint8Array, start: number, end: number, linkType: number): number {
    const layer = this.#layer;
    if (!layer.find(bytes, start, end, linkType) || layer.etherType !== EtherType.Ipv4) return -1;
    const ip = layer.offset;
    if (ip + IPV4_BYTES > end || bytes[ip]! >> 4 !== 4) return -1;
    const optionsEnd = Math.min(end, ip + (bytes[ip]! & 0x0f) * 4);
    // The mark goes first when a packet is marked; what others do to the packet later may have changed that.
    for (let at = ip + IPV4_BYTES; at + OPTION_BYTES <= optionsEnd;) {
      const type = bytes[at]!;
      if (type === Ipv4OptionType.EndOfList) return -1;
      if (type === Ipv4OptionType.NoOperation) {
        at++;
        continue;
      }
      const length = bytes[at + 1]!;
      if (type === Ipv4OptionType.Pval && length === OPTION_BYTES) return at;
      if (length < OPTION_HEADER) return -1;
      at += length;
    }
    return -1;
  }

  #grow(capacity: number): void {
    this.present = new Uint8Array(capacity);
    this.cpu = new Uint8Array(capacity);
    this.seqLow = new Uint32Array(capacity);
    this.seqHigh = new Uint32Array(capacity);
  }
}

const littleAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
