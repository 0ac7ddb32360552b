/** The types of what kernel programs are written with: what compiles, and what must not. Nothing here runs. */
import { describe, expectTypeOf, test } from "vitest";
import {
  array,
  arrayMap,
  be16,
  be64,
  bits,
  CgroupSkb,
  cgroupSkb,
  hashMap,
  header,
  ipv6Address,
  nested,
  perCpuHashMap,
  ringBuffer,
  struct,
  tc,
  Tc,
  u32,
  u64,
  variable,
  xdp,
  Xdp,
  type Ipv6Address,
  type Layout,
  type Program,
  type TypeOf,
} from "../../src/kernel/index.ts";
import { Ethernet, Ipv6 } from "../../src/wire/index.ts";

const Key = struct("key", { address: ipv6Address, port: be16 });
const Count = struct("count", { packets: u64, last: u32 });
const counts = hashMap(Key, Count, { entries: 16 });
const perCpu = perCpuHashMap(u32, u64, { entries: 16 });
const slots = arrayMap(Count, { entries: 4 });
const ring = ringBuffer({ bytes: 4096 });
const seen = variable(u64, 0n);

describe("layouts", () => {
  test("a field reads as its own type", () => {
    expectTypeOf<TypeOf<typeof Key>>().toEqualTypeOf<{ address: Ipv6Address; port: number }>();
    expectTypeOf<TypeOf<typeof Count>>().toEqualTypeOf<{ packets: bigint; last: number }>();
    const Outer = header("outer", "RFC 1", { flags: bits(4), rest: bits(4), key: nested(Key), words: array(be64, 3) });
    expectTypeOf<TypeOf<typeof Outer>>().toEqualTypeOf<{
      flags: number;
      rest: number;
      key: { address: Ipv6Address; port: number };
      words: bigint[];
    }>();
    expectTypeOf(Outer).toExtend<Layout>();
  });

  test("an address is not any string", () => {
    // @ts-expect-error: text that ipv6() has not checked
    const wrong: TypeOf<typeof ipv6Address> = "db01::1";
    void wrong;
  });

  test("a field is described by a type", () => {
    // @ts-expect-error: a number is no field type
    void (() => struct("wrong", { port: 16 }));
  });
});

describe("packets", () => {
  test("at() may be null, and has the header's fields", () => {
    void xdp((ctx) => {
      const ethernet = ctx.packet.at(Ethernet, 0);
      expectTypeOf(ethernet).toEqualTypeOf<TypeOf<typeof Ethernet> | null>();
      // @ts-expect-error: it was not compared with null
      void ethernet.etherType;
      if (ethernet === null) return Xdp.Pass;
      expectTypeOf(ethernet.etherType).toEqualTypeOf<number>();
      // @ts-expect-error: the header has no such field
      void ethernet.ethertype;
      return Xdp.Pass;
    });
    void tc((ctx) => {
      expectTypeOf(ctx.packet.at(Ipv6, Ethernet.size)).toEqualTypeOf<TypeOf<typeof Ipv6> | null>();
      return Tc.Ok;
    });
  });

  test("a context has what its program type has", () => {
    void xdp((ctx) => {
      expectTypeOf(ctx.rxQueue).toEqualTypeOf<number>();
      // @ts-expect-error: there is no mark before there is an skb
      void ctx.mark;
      return Xdp.Pass;
    });
    void tc((ctx) => {
      ctx.mark = 7;
      // @ts-expect-error: the kernel takes no other
      ctx.ifindex = 1;
      // @ts-expect-error: that is XDP's
      void ctx.adjustHead;
      return Tc.Ok;
    });
    void cgroupSkb((ctx) => {
      // @ts-expect-error: there may be no socket
      void ctx.socket.remotePort;
      return CgroupSkb.Allow;
    });
  });

  test("a program returns a number and knows its type", () => {
    // @ts-expect-error: a verdict is missing
    void (() => xdp(() => {}));
    expectTypeOf(xdp(() => Xdp.Drop)).toEqualTypeOf<Program<"xdp">>();
    expectTypeOf(tc(() => Tc.Drop)).toEqualTypeOf<Program<"tc">>();
  });
});

describe("maps", () => {
  test("keys and values are those of the descriptor", () => {
    void (() => {
      const count = counts.lookup({ address: "" as Ipv6Address, port: 1 });
      expectTypeOf(count).toEqualTypeOf<{ packets: bigint; last: number } | null>();
      // @ts-expect-error: half a key
      counts.lookup({ port: 1 });
      // @ts-expect-error: a 64-bit field takes a bigint
      counts.update({ address: "" as Ipv6Address, port: 1 }, { packets: 1, last: 1 });
      // @ts-expect-error: not compared with null
      void count.packets;
    });
  });

  test("a value of one field is { value }", () => {
    void (() => {
      expectTypeOf(perCpu.lookup(1)).toEqualTypeOf<{ value: bigint } | null>();
      expectTypeOf(slots.lookup(0)).toEqualTypeOf<{ packets: bigint; last: number } | null>();
      expectTypeOf(seen.value).toEqualTypeOf<bigint>();
    });
  });

  test("an array's elements are not deleted", () => {
    // @ts-expect-error: arrays have no delete
    void slots.delete;
  });

  test("a record has the fields of its layout", () => {
    void (() => {
      const record = ring.reserve(Count);
      // @ts-expect-error: the ring may be full
      record.packets = 1n;
      if (record === null) return;
      record.packets = 1n;
      // @ts-expect-error: no such field
      record.bytes = 1n;
    });
  });
});
