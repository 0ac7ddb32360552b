/** A file, or what comes through a pipe, chunk by chunk. */
import { closeSync, createReadStream, fstatSync, openSync, read } from "node:fs";
import { ConfigError } from "../../errors.ts";
import { unreadable } from "../unreadable.ts";

/** Enough that reading costs little, and a few milliseconds of work. */
const CHUNK_BYTES = 1 << 18;

export interface FileChunks {
  readonly name: string;
  /** The next bytes, valid until the call after the next; undefined behind the last. ConfigError when it cannot be read. */
  next(): Promise<Uint8Array | undefined>;
  /** Twice is fine. */
  close(): void;
}

/** Opens it; `-` is standard input. ConfigError when there is no such file. */
export const openChunks = (path: string): FileChunks => {
  if (path === "-") return streamChunks("standard input", process.stdin);
  const fd = open(path);
  const stat = fstatSync(fd);
  if (stat.isDirectory()) {
    closeSync(fd);
    throw new ConfigError(`cannot read ${path}: it is a folder`, { hint: HINT });
  }
  return stat.isFile() ? fileChunks(path, fd) : streamChunks(path, createReadStream(path, { fd }));
};

const open = (path: string): number => {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw unreadable(path, error, HINT);
  }
};

/** The next chunk is on its way while this one is worked on. */
const fileChunks = (name: string, fd: number): FileChunks => {
  const buffers = [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)] as const;
  let turn = 0;
  let reading = false;
  let closed = false;
  const fill = (): Promise<Uint8Array | undefined> => {
    const buffer = buffers[(turn ^= 1)]!;
    reading = true;
    return new Promise((resolve, reject) => {
      read(fd, buffer, 0, CHUNK_BYTES, null, (error, length) => {
        reading = false;
        if (closed) closeSync(fd);
        if (error !== null) reject(unreadable(name, error, HINT));
        else resolve(length === 0 ? undefined : buffer.subarray(0, length));
      });
    });
  };
  let ahead: Promise<Uint8Array | undefined> | undefined;
  return {
    name,
    async next() {
      if (closed) return undefined;
      const chunk = await (ahead ?? fill());
      ahead = chunk === undefined || closed ? Promise.resolve(undefined) : fill();
      ahead.catch(() => {}); // whoever asks for it hears of it
      return chunk;
    },
    close() {
      if (closed) return;
      closed = true;
      if (!reading) closeSync(fd);
    },
  };
};

const streamChunks = (name: string, stream: NodeJS.ReadableStream & { destroy(): unknown }): FileChunks => {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return {
    name,
    async next() {
      try {
        const { done, value } = await chunks.next();
        return done === true ? undefined : value;
      } catch (error) {
        throw unreadable(name, error, HINT);
      }
    },
    close: () => void stream.destroy(),
  };
};

const HINT = "name a pcap or pcapng file, or - for standard input";
