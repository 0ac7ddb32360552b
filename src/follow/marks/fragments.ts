/**
 * Pieces of packets that were cut. What is cut behind the marking device carries the packet's mark in each piece (the option's
 * copy bit); what was cut before has a mark for each, and a piece that is lost is a number that is.
 */

/** What a piece is. */
export const Piece = { OfNewPacket: 0, Further: 1, Again: 2 } as const;

/** Cut packets that are put together at once. */
const MOST_OPEN = 1024;

/** Pieces of one packet that may come between two of another. */
const LAST_IDS = 8;

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
  /** Pieces of one packet came under several marks. */
  areMarkedApart = false;
  /** Packets of which a piece did not come: all, and those of which only one piece came. */
  #incomplete = 0;
  #alone = 0;
  /** IP's identifications of the marks that came last. */
  readonly #lastIds = new Int32Array(LAST_IDS).fill(-1);
  #opened = 0;
  readonly #open = new Map<number, CutPacket>();

  /** Packets of which not all pieces came, those that may still come included. */
  get incomplete(): number {
    let incomplete = this.#incomplete;
    let alone = this.#alone;
    for (const packet of this.#open.values()) {
      if (isWhole(packet)) continue;
      incomplete++;
      if (packet.offsets.size === 1) alone++;
    }
    return this.areMarkedApart ? incomplete - alone : incomplete;
  }

  /** One of {@link Piece}. `offset` in units of 8 bytes. */
  take(seq: number, ipId: number, offset: number, bytes: number, isLast: boolean): number {
    this.pieces++;
    let packet = this.#open.get(seq);
    const isNew = packet === undefined;
    if (packet === undefined) {
      if (this.#lastIds.includes(ipId)) this.areMarkedApart = true;
      this.#lastIds[this.#opened++ % LAST_IDS] = ipId;
      this.#add(seq, (packet = { offsets: new Set(), bytes: 0, total: NaN }));
    }
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
      if (!isWhole(old)) {
        this.#incomplete++;
        if (old.offsets.size === 1) this.#alone++;
      }
      this.#open.delete(oldest);
      return;
    }
  }
}

const isWhole = ({ bytes, total }: CutPacket): boolean => bytes === total;
