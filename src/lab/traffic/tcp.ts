/** A TCP server that sends as much as its clients ask for, and the client: both children, each in its namespace. */
import type { Socket } from "node:net";
import { ConfigError } from "../../errors.ts";
import { parseIp } from "../../linux/ip-address.ts";
import type { Netns } from "../../linux/netns.ts";
import { startChild } from "./child.ts";
import type { Traffic } from "./child.ts";

/** Where the sending side listens. */
export interface TcpServerOptions {
  /** Address to listen at; default: any. */
  readonly address?: string;
  /** Default: one that is free, see `ready.port`. */
  readonly port?: number;
}

/** What the sending side did. */
export interface TcpServerReport {
  readonly connections: number;
  /** Handed to the kernel. */
  readonly sentBytes: number;
}

/** Start the sending side. The client says how much and how fast. */
export function startTcpServer(
  netns: Netns,
  options: TcpServerOptions = {},
): Promise<Traffic<{ readonly port: number }, TcpServerReport>> {
  const { address = "::", port = 0 } = options;
  parseIp(address);
  return startChild(netns, "hopmark-tcp-server", serverMain, { address, port });
}

/** Where the receiving side connects, how much it takes and how fast. */
export interface TcpDownloadOptions {
  readonly address: string;
  readonly port: number;
  /** Ends by itself after so many bytes; default: it goes on until `stop`. */
  readonly bytes?: number;
  /** Default: as fast as it goes. */
  readonly bytesPerSecond?: number;
}

/** What the receiving side got. */
export interface TcpDownloadReport {
  readonly receivedBytes: number;
  readonly seconds: number;
}

/**
 * Start the receiving side: the bytes flow from the server's namespace to this one.
 *
 *     const server = await startTcpServer(athos);
 *     const client = await startTcpDownload(aramis, { address: "db01::1", port: server.ready.port, bytes: 1e9 });
 *     const { receivedBytes } = await client.finished;
 */
export function startTcpDownload(netns: Netns, options: TcpDownloadOptions): Promise<Traffic<{}, TcpDownloadReport>> {
  const { address, port, bytes = 0, bytesPerSecond = 0 } = options;
  parseIp(address);
  if (!(bytesPerSecond >= 0) || !(bytes >= 0)) throw new ConfigError("bytes and bytesPerSecond cannot be negative");
  return startChild(netns, "hopmark-tcp-download", downloadMain, { address, port, bytes, bytesPerSecond });
}

/** Runs in the child; see `startChild` for what it may use. */
function serverMain({ address, port }: { readonly address: string; readonly port: number }): void {
  const fs = process.getBuiltinModule("node:fs");
  const net = process.getBuiltinModule("node:net");
  const chunk = Buffer.alloc(1 << 16, "hopmark ");
  let connections = 0;
  let sentBytes = 0;
  const say = (type: string, value: unknown) => {
    try {
      fs.writeSync(
        1,
        `${JSON.stringify({ type, value })}
`,
      );
    } catch {
      process.exit(1); // nobody listens any more
    }
  };
  const report = () => say("report", { connections, sentBytes });

  /** Sends `bytes` (0: without end) at a rate (0: any), as far as the connection takes them. */
  const serve = (socket: Socket, bytes: number, bytesPerSecond: number) => {
    const start = process.hrtime.bigint();
    let done = 0;
    const pump = () => {
      for (;;) {
        if (socket.destroyed) return;
        if (bytes > 0 && done >= bytes) return void socket.end();
        let room = bytes > 0 ? bytes - done : chunk.length;
        if (bytesPerSecond > 0) {
          // 10 ms ahead at most, so that a slow rate is a steady trickle
          const elapsed = Number(process.hrtime.bigint() - start) / 1e9;
          room = Math.min(room, Math.floor((elapsed + 0.01) * bytesPerSecond) - done);
          if (room < 1) return void setTimeout(pump, 10);
        }
        const piece = chunk.subarray(0, Math.min(room, chunk.length));
        done += piece.length;
        sentBytes += piece.length;
        if (!socket.write(piece)) return void socket.once("drain", pump);
      }
    };
    pump();
  };
  const server = net.createServer((socket) => {
    connections++;
    socket.on("error", () => {}); // a client that goes away is no failure
    let request = "";
    socket.setEncoding("utf8").on("data", (text) => {
      if (request.endsWith("\n")) return;
      request += String(text);
      if (!request.endsWith("\n")) return;
      const [bytes = 0, bytesPerSecond = 0] = request.split(" ").map(Number);
      serve(socket, bytes, bytesPerSecond);
    });
  });
  server.on("error", (error) => {
    say("failed", error.message);
    process.exit(1);
  });
  server.listen({ port, host: address }, () => {
    const bound = server.address();
    say("ready", { port: typeof bound === "object" && bound !== null ? bound.port : port });
  });
  setInterval(report, 1000);
  const end = () => {
    report();
    process.exit(0);
  };
  process.stdin.on("end", end).on("error", end).resume();
  process.on("SIGINT", () => {});
}

interface DownloadMainOptions {
  readonly address: string;
  readonly port: number;
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

/** Runs in the child; see `startChild` for what it may use. */
function downloadMain({ address, port, bytes, bytesPerSecond }: DownloadMainOptions): void {
  const fs = process.getBuiltinModule("node:fs");
  const net = process.getBuiltinModule("node:net");
  let receivedBytes = 0;
  const start = process.hrtime.bigint();
  const say = (type: string, value: unknown) => {
    try {
      fs.writeSync(
        1,
        `${JSON.stringify({ type, value })}
`,
      );
    } catch {
      process.exit(1); // nobody listens any more
    }
  };
  const report = () => say("report", { receivedBytes, seconds: Number(process.hrtime.bigint() - start) / 1e9 });
  const end = () => {
    report();
    process.exit(0);
  };
  const fail = (message: string) => {
    report();
    say("failed", message);
    process.exit(1);
  };
  const buffer = Buffer.alloc(1 << 18);
  const socket = net.connect({
    host: address,
    port,
    // one buffer for all: the bytes are only counted
    onread: {
      buffer,
      callback: (length: number) => {
        receivedBytes += length;
        return true;
      },
    },
  });
  let connected = false;
  let failure = "";
  socket.on("connect", () => {
    connected = true;
    socket.write(`${bytes} ${bytesPerSecond}\n`);
    say("ready", {});
  });
  socket.on("error", (error) => (failure = error.message));
  socket.on("close", () => {
    if (bytes > 0 && receivedBytes === bytes) end();
    else if (!connected) fail(failure);
    else fail(`the connection ended after ${receivedBytes} bytes${failure && `: ${failure}`}`);
  });
  setInterval(report, 1000);
  process.stdin.on("end", end).on("error", end).resume();
  process.on("SIGINT", () => {});
}
