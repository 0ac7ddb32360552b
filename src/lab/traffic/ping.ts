import { ConfigError } from "../../errors.ts";
import { close, rawSyscall, syscall } from "../../linux/ffi.ts";
import { AF_INET6, parseIp } from "../../linux/ip-address.ts";
import type { Netns } from "../../linux/netns.ts";
import { syscallNumber } from "../../linux/syscall-numbers.ts";
import { withNetns } from "../../linux/with-netns.ts";
import { startChild } from "./child.ts";
import type { Traffic } from "./child.ts";

/** Where echo requests go, and how many. */
export interface PingOptions {
  /** IPv6 or IPv4 address. */
  readonly target: string;
  /** Default 100. */
  readonly intervalMs?: number;
  /** Bytes after the 8-byte ICMP header: 8 to 65000, default 56. */
  readonly payloadBytes?: number;
  /** Ends by itself after so many requests. */
  readonly count?: number;
}

/** What came of echo requests. */
export interface PingReport {
  readonly sent: number;
  readonly received: number;
  /** Requests that the kernel refused to send (no route, no buffer). */
  readonly errors: number;
  /** Of the last reply. */
  readonly rttNs: number | undefined;
}

/**
 * Send ICMP echo requests from a namespace, by a child process. The namespace's `ping_group_range` must allow it, as a lab's does.
 *
 *     const ping = await startPing(athos, { target: "db02::2", intervalMs: 20 });
 *     …
 *     const { sent, received } = await ping.stop();
 */
export async function startPing(netns: Netns, options: PingOptions): Promise<Traffic<{}, PingReport>> {
  const { intervalMs = 100, payloadBytes = 56, count = 0 } = options;
  if (!(intervalMs >= 1)) throw new ConfigError(`ping interval ${intervalMs} ms: at least 1`);
  if (!(payloadBytes >= 8 && payloadBytes <= 65000)) throw new ConfigError(`ping payload ${payloadBytes}: 8 to 65000`);
  const request = parseIp(options.target).family === AF_INET6 ? 128 : 8;
  const socket = openPingSocket(netns, options.target);
  try {
    return await startChild(netns, "hopmark-ping", pingMain, { intervalMs, payloadBytes, count, request }, [socket]);
  } finally {
    close(socket);
  }
}

/** A datagram ICMP socket connected to the target: a child can use it by read and write alone. */
function openPingSocket(netns: Netns, target: string): number {
  const { family, bytes } = parseIp(target);
  const ipv6 = family === AF_INET6;
  return withNetns(netns, () => {
    const fd = syscall("socket", "ICMP", family, SOCK_DGRAM | SOCK_CLOEXEC, ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
    // struct sockaddr_in6 (28 bytes): family, port, flow info, address; struct sockaddr_in (16): family, port, address
    const address = new Uint8Array(ipv6 ? 28 : 16);
    address[0] = family;
    address.set(bytes, ipv6 ? 8 : 4);
    try {
      // so that a child waiting for a reply notices within this time that it shall end
      syscall("setsockopt", "ICMP", fd, SOL_SOCKET, SO_RCVTIMEO, BigInt64Array.of(0n, 200_000n), 16);
      // replies that wait while the child does not run are not lost: with CAP_NET_ADMIN; without it what others have will do
      const room = Int32Array.of(RECEIVE_BUFFER_BYTES);
      rawSyscall(syscallNumber("setsockopt"), fd, SOL_SOCKET, SO_RCVBUFFORCE, room, 4);
      syscall("connect", target, fd, address, address.length);
    } catch (error) {
      close(fd);
      throw error;
    }
    return fd;
  });
}

interface PingMainOptions {
  readonly intervalMs: number;
  readonly payloadBytes: number;
  /** 0: without end. */
  readonly count: number;
  /** ICMP type of an echo request. */
  readonly request: number;
}

/** Runs in the child; see `startChild` for what it may use. */
function pingMain({ intervalMs, payloadBytes, count, request }: PingMainOptions): void {
  const fs = process.getBuiltinModule("node:fs");
  const socket = 3;
  let sent = 0;
  let received = 0;
  let errors = 0;
  let rttNs: number | undefined;
  let ending = false;
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
  const report = () => say("report", { sent, received, errors, rttNs });

  // ICMP: type, code, checksum and identifier (both the kernel's), sequence; then when it was sent
  const packet = Buffer.alloc(8 + payloadBytes);
  packet[0] = request;
  const send = () => {
    packet.writeUInt16BE((sent + 1) & 0xffff, 6);
    packet.writeBigUInt64BE(process.hrtime.bigint(), 8);
    try {
      fs.writeSync(socket, packet);
      sent++;
    } catch {
      errors++;
    }
    if (count > 0 && sent + errors >= count) end();
  };
  const reply = Buffer.alloc(65536);
  const receive = () => {
    fs.read(socket, reply, 0, reply.length, null, (error, length) => {
      if (error === null && length >= 16) {
        received++;
        rttNs = Number(process.hrtime.bigint() - reply.readBigUInt64BE(8));
      }
      // the last replies are waited for until the socket's timeout
      if (ending && (error !== null || received === sent)) {
        report();
        process.exit(0);
      }
      receive();
    });
  };
  const end = () => {
    ending = true;
    clearInterval(timer);
  };
  const timer = setInterval(send, intervalMs);
  setInterval(report, 1000);
  process.stdin.on("end", end).on("error", end).resume();
  process.on("SIGINT", () => {}); // Ctrl-C reaches the whole group: our parent says when to end
  say("ready", {});
  receive();
  send();
}

const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_RCVBUFFORCE = 33;
const RECEIVE_BUFFER_BYTES = 16 << 20;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
