import fc from "fast-check";
import { expect, test } from "vitest";
import { captures } from "../../../tests/golden/captures/all.ts";
import { formatPacket } from "../packet/format.ts";
import { FastLine } from "./fast-line.ts";
import { LineWriter } from "./line-writer.ts";
import { TcpConversations } from "./tcp-conversations.ts";

const all = captures.flatMap(({ packets, linkType = 1, snapLength = Infinity }) =>
  packets.map((bytes) => ({
    bytes: bytes.subarray(0, Math.min(bytes.length, snapLength)),
    wireLength: bytes.length,
    linkType,
  })),
);

/** Both lines; the fast one undefined where it is left to the other. */
const bothWays = (relative: boolean) => {
  const writer = new LineWriter(16);
  const fast = new FastLine(relative ? new TcpConversations() : null);
  const conversations = new TcpConversations();
  return ({ bytes, wireLength, linkType }: (typeof all)[number]) => {
    // Somewhere in a longer buffer, as in a batch.
    const buffer = new Uint8Array(bytes.length + 14).fill(0xee);
    buffer.set(bytes, 7);
    const done = fast.write(writer, buffer, 7, 7 + bytes.length, wireLength, linkType);
    const text = new TextDecoder().decode(writer.take());
    const general = formatPacket({ bytes, wireLength, linkType }, relative ? { conversations } : {});
    return { general, fast: done ? text : undefined, left: done ? "" : text };
  };
};

/** What makes up nearly all of any capture. */
const ordinary = /^IP6? \S+ > \S+: (Flags |UDP, length \d+$|ICMP echo |ICMP6, echo )/;
/** Options that few segments have; contents by the ports of BGP and its kin. */
const rare = /options \[.*(mptcp|tfo|tcp-ao|md5|uto|scps|exp|invalid|bad opt|unknown)|length \d+[: ]/;

test("of the golden captures' ordinary packets, most go the fast way, with the same lines", () => {
  const both = bothWays(false);
  let ordinaryOnes = 0;
  let fastOnes = 0;
  for (const packet of all) {
    const { general, fast, left } = both(packet);
    expect(left).toBe("");
    if (ordinary.test(general) && !rare.test(general)) ordinaryOnes++;
    if (fast === undefined) continue;
    fastOnes++;
    expect(fast).toBe(general);
  }
  expect(fastOnes).toBeGreaterThan(ordinaryOnes * 0.85);
});

test("relative numbers are the same where all of a conversation goes the fast way", () => {
  for (const name of ["a TCP conversation", "TCP of equal ports", "TCP that is joined late, and anew"]) {
    const both = bothWays(true);
    const own = captures.find((one) => one.name === name)!;
    for (const bytes of own.packets) {
      const { general, fast } = both({ bytes, wireLength: bytes.length, linkType: 1 });
      if (fast === undefined) break; // the other way has its own memory of the conversation here
      expect(fast).toBe(general);
    }
  }
});

test("packets gone wrong: the same line, or left to the other way", () => {
  const both = bothWays(false);
  fc.assert(
    fc.property(
      fc.constantFrom(...all),
      fc.nat(2000),
      fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 5 }),
      fc.nat(20),
      ({ bytes, linkType }, cut, changes, more) => {
        const copy = bytes.slice(0, cut < 1500 ? bytes.length : cut % (bytes.length + 1));
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
        const { general, fast, left } = both({ bytes: copy, wireLength: copy.length + more, linkType });
        expect(left).toBe("");
        if (fast !== undefined) expect(fast).toBe(general);
      },
    ),
    { numRuns: 3000 },
  );
});
