/**
 * Room for marks that is opened in TCP's large packets, before the kernel cuts it up: each packet that comes out has it, and a mark that
 * is put there moves no header. Until then it holds options that say nothing.
 */
import { Room, RoomFlag, type TcContext } from "../../kernel/context.ts";
import { be32, header } from "../../wire/layout.ts";
import { EtherType, IpProtocol } from "../../wire/numbers.ts";
import { Ipv4 } from "../../wire/headers/ipv4.ts";
import { Tcp } from "../../wire/headers/tcp.ts";
import { MARK_BYTES } from "./mark-counters.ts";

/** Eleven times No Operation, and the end of the options: nobody else writes that. */
const Empty = header("room for a mark", "RFC 791, section 3.1", { first: be32, second: be32, last: be32 });
const [NO_OPERATIONS, TO_THE_END] = [0x0101_0101, 0x0101_0100];
/** Of all its 16-bit words. */
export const EMPTY_SUM = 5 * 0x0101 + 0x0100;

const BASE_WORDS = 5;
export const WORDS_WITH_ROOM = BASE_WORDS + MARK_BYTES / 4;
const MOST_BYTES = 0xffff;

/** Opens it where each packet that is cut out, at most `mtu` bytes long, takes it; elsewhere the packet stays as it is. */
export const openRoomAhead = (ctx: TcContext, network: number, mtu: number): void => {
  if (ctx.protocol !== EtherType.Ipv4) return;
  const ip = ctx.packet.at(Ipv4, network);
  if (ip === null) return;
  const { version, headerLength, totalLength } = ip;
  // The kernel does not cut up UDP any more when its header has grown.
  if (version !== 4 || ip.protocol !== IpProtocol.Tcp || headerLength !== BASE_WORDS) return;
  const tcp = ctx.packet.at(Tcp, network + Ipv4.size);
  if (tcp === null || totalLength > MOST_BYTES - MARK_BYTES) return;
  if (Ipv4.size + MARK_BYTES + tcp.dataOffset * 4 + ctx.gsoSize > mtu) return;
  if (!ctx.adjustRoom(MARK_BYTES, Room.Network, RoomFlag.FixedGso)) return;
  const moved = ctx.packet.at(Ipv4, network);
  const empty = ctx.packet.at(Empty, network + Ipv4.size);
  if (moved === null || empty === null) return;
  empty.first = NO_OPERATIONS;
  empty.second = NO_OPERATIONS;
  empty.last = TO_THE_END;
  // The kernel fills the checksum in where it cuts.
  moved.headerLength = WORDS_WITH_ROOM;
  moved.totalLength = totalLength + MARK_BYTES;
};

/** The packet, with a header of {@link WORDS_WITH_ROOM}, has room that is still empty. */
export const hasEmptyRoom = (ctx: TcContext, network: number): boolean => {
  const empty = ctx.packet.at(Empty, network + Ipv4.size);
  return empty !== null && empty.first === NO_OPERATIONS && empty.second === NO_OPERATIONS && empty.last === TO_THE_END;
};
