import { be64, header, type Layout } from "../../../wire/layout.ts";

const rooms = new Map<number, Layout>();

/** A layout of `bytes` bytes, a multiple of 8: one bounds check for all that is written into opened room. */
export const roomOf = (bytes: number): Layout => {
  let room = rooms.get(bytes);
  if (room === undefined) {
    const words = Array.from({ length: bytes / 8 }, (_, at) => [`word${at}`, be64] as const);
    rooms.set(bytes, (room = header("room", "RFC 8200, section 4.3", Object.fromEntries(words))));
  }
  return room;
};
