/** Pieces of packets that were cut: each carries the packet's mark (the option's copy bit). */

/** What a piece is. */
export const Piece = { OfNewPacket: 0, Further: 1, Again: 2 } as const;

/** Cut packets that are put together at once. */
const MOST_OPEN = 1024;

interface CutPacket {
  /** Offsets of the pieces that came, in units of 8 bytes. */
  readonly offsets: Set<number>;
  bytes: number;
  /** Of the whole packet; NaN until its last piece has come. */
  total: number;
}

export class Fragments {
  pieces = 0;
  /** Pieces that came again. */
  duplicated = 0;
  /** Packets of which a piece did not come. */
  #incomplete = 0;
  readonly #open = new Map<number, CutPacket>();

  /** Packets of which not all pieces came, those that may still come included. */
  get incomplete(): number {
    let open = 0;
    for (const packet of this.#open.values()) if (!isWhole(packet)) open++;
    return this.#incomplete + open;
  }

  /** One of {@link Piece}. `offset` in units of 8 bytes. */
  take(seq: number, offset: number, bytes: number, isLast: boolean): number {
    this.pieces++;
    let packet = this.#open.get(seq);
    const isNew = packet === undefined;
    if (packet === undefined) this.#add(seq, (packet = { offsets: new Set(), bytes: 0, total: NaN }));
    if (packet.offsets.has(offset)) {
      this.duplicated++;
      return Piece.Again;
    }
    packet.offsets.add(offset);
    packet.bytes += bytes;
    if (isLast) packet.total = offset * 8 + bytes;
    return isNew ? Piece.OfNewPacket : Piece.Further;
  }

  #add(seq: number, packet: CutPacket): void {
    this.#open.set(seq, packet);
    if (this.#open.size <= MOST_OPEN) return;
    for (const [oldest, old] of this.#open) {
      if (!isWhole(old)) this.#incomplete++;
      this.#open.delete(oldest);
      return;
    }
  }
}

const isWhole = ({ bytes, total }: CutPacket): boolean => bytes === total;
