import { expect, test } from "vitest";
import { TcpConversations } from "./tcp-conversations.ts";

type Pair = readonly [number, number];

/** A segment from one end of a conversation to the other. */
const segment = (size: 4 | 16, hosts: Pair, ports: Pair): Uint8Array => {
  const bytes = new Uint8Array(2 * size + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(size - 4, hosts[0]);
  view.setUint32(2 * size - 4, hosts[1]);
  view.setUint16(2 * size, ports[0]);
  view.setUint16(2 * size + 2, ports[1]);
  return bytes;
};

const follow = (conversations: TcpConversations, bytes: Uint8Array, sequence: number, acknowledgment: number): Pair => {
  const size = bytes.length === 12 ? 4 : 16;
  const view = new DataView(bytes.buffer);
  const [source, destination] = [view.getUint16(2 * size), view.getUint16(2 * size + 2)];
  conversations.follow(bytes, 0, size, source, destination, sequence, acknowledgment, false);
  return [conversations.sequence, conversations.acknowledgment];
};

const COUNT = 50_000;

interface Case {
  readonly of: string;
  readonly size: 4 | 16;
  readonly hosts: (n: number) => Pair;
  readonly ports: (n: number) => Pair;
}

test.each<Case>([
  { of: "many clients", size: 4, hosts: (n) => [0x0a00_0000 + n, 1], ports: () => [40_000, 443] },
  { of: "many clients, over IPv6", size: 16, hosts: (n) => [n * 40_503, 1], ports: () => [40_000, 443] },
  { of: "two hosts, by their ports", size: 4, hosts: () => [1, 2], ports: (n) => [n + 1, 443] },
  { of: "few hosts, over IPv6", size: 16, hosts: (n) => [n % 7, 2], ports: (n) => [n + 1, 443] },
])("every conversation keeps its own numbers: those of $of", ({ size, hosts, ports }) => {
  const conversations = new TcpConversations();
  const wrong = new Set<number>();
  const check = (n: number, [sequence, acknowledgment]: Pair, own: number, other: number): void => {
    if (sequence !== own || acknowledgment !== other) wrong.add(n);
  };
  for (let n = 0; n < COUNT; n++) {
    check(n, follow(conversations, segment(size, hosts(n), ports(n)), n * 1000, n), n * 1000, n);
  }
  for (let n = 0; n < COUNT; n++) {
    const [[here, there], [from, to]] = [hosts(n), ports(n)];
    check(n, follow(conversations, segment(size, [there, here], [to, from]), n + 10, n * 1000 + 5), 11, 5);
  }
  expect([...wrong]).toEqual([]);
});

test("numbers start anew where there are more conversations than there is room for", () => {
  const conversations = new TcpConversations();
  const first = segment(4, [1, 2], [1, 2]);
  expect(follow(conversations, first, 500, 70)).toEqual([500, 70]);
  const other = segment(4, [0, 2], [1, 2]);
  const view = new DataView(other.buffer);
  for (let n = 0; n < 360_000; n++) {
    view.setUint32(0, 0x0a00_0000 + n);
    follow(conversations, other, 1, 1);
  }
  expect(follow(conversations, first, 600, 80)).toEqual([600, 80]);
  expect(follow(conversations, first, 610, 80)).toEqual([10, 1]);
});
