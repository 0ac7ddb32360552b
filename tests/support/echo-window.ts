/**
 * Datagrams and their echoes, several each millisecond, a limited number of them on their way: none finds a queue full, so that each
 * that does not come back was lost by what is tested.
 */
import { expect } from "vitest";
import { type Traffic, startChild } from "../../src/lab/traffic/child.ts";
import type { Netns } from "../../src/linux/netns.ts";

/** Fewer than the smallest ring on the way holds, the echoes among them. */
const WINDOW = 64;

export interface EchoReport {
  readonly sent: number;
  /** The kernel refused them. */
  readonly refused: number;
  /** That did not come back. */
  readonly lost: number;
  /** That came back once more. */
  readonly doubled: number;
}

/** From `from` to the other namespace's address and back, until it is stopped. */
export const startEchoes = async (
  from: Netns,
  to: Netns,
  address: string,
): Promise<{ stop(): Promise<EchoReport> }> => {
  const server: Traffic<{ port: number }, {}> = await startChild(to, "hopmark-echo-server", serverMain, {});
  const options = { address, port: server.ready.port, window: WINDOW };
  const client: Traffic<{}, EchoReport> = await startChild(from, "hopmark-echo-client", clientMain, options);
  return {
    stop: async () => {
      const report = await client.stop();
      await server.stop();
      return report;
    },
  };
};

const FEWEST = 500;

/** And there were enough of them for it to mean something. */
export const expectNoneLost = ({ sent, ...others }: EchoReport): void => {
  expect(others).toEqual({ refused: 0, lost: 0, doubled: 0 });
  expect(sent).toBeGreaterThan(FEWEST);
};

/** Runs in a child; see `startChild` for what it may use. */
const serverMain = (): void => {
  const socket = process.getBuiltinModule("node:dgram").createSocket("udp4");
  const say = (type: string, value: unknown): void => console.log(JSON.stringify({ type, value }));
  socket.on("message", (data, { port, address }) => socket.send(data, port, address, () => {}));
  socket.bind(0, () => say("ready", { port: socket.address().port }));
  process.stdin.resume().on("end", () => {
    say("report", {});
    socket.close();
  });
};

interface ClientOptions {
  readonly address: string;
  readonly port: number;
  readonly window: number;
}

const clientMain = ({ address, port, window }: ClientOptions): void => {
  const socket = process.getBuiltinModule("node:dgram").createSocket("udp4");
  const say = (type: string, value: unknown): void => console.log(JSON.stringify({ type, value }));
  /** What is on its way, by its number, and since when. */
  const waiting = new Map<number, number>();
  const [perMs, patienceMs, bytes] = [3, 1000, 600];
  let [next, refused, doubled] = [0, 0, 0];
  const more = (): void => {
    for (let left = perMs; left > 0 && waiting.size < window; left--) {
      const data = new Uint8Array(bytes);
      const number = next++;
      new DataView(data.buffer).setUint32(0, number);
      waiting.set(number, performance.now());
      socket.send(data, port, address, (error) => {
        if (error !== null && waiting.delete(number)) refused++;
      });
    }
  };
  socket.on("message", (data) => {
    if (!waiting.delete(data.readUInt32BE(0))) doubled++;
  });
  const timer = setInterval(more, 1);
  socket.bind(0, () => say("ready", {}));
  process.stdin.resume().on("end", () => {
    clearInterval(timer);
    const finish = (): void => {
      const oldest = Math.min(...waiting.values());
      if (waiting.size > 0 && performance.now() - oldest < patienceMs) return void setTimeout(finish, 5);
      say("report", { sent: next, refused, lost: waiting.size, doubled });
      socket.close();
    };
    finish();
  });
};
