/** What the kernel answered (6.18, TEST_RUN), call by call, and what it left of the packet. */
import { describe, expect, test } from "vitest";
import { Room } from "../context.ts";
import type { Program } from "../program.ts";
import * as calls from "./fixtures/calls.bpf.ts";
import { simulate, type SimulationOptions } from "./simulate.ts";

const frame = (length = 100, etherType = 0x86dd): Uint8Array => {
  const bytes = Uint8Array.from({ length }, (_, index) => (index % 251) + 1);
  bytes[12] = etherType >> 8;
  bytes[13] = etherType & 0xff;
  return bytes;
};

const call = <T extends "xdp" | "tc">(program: Program<T>, options: SimulationOptions<T> = {}) => {
  const result = simulate(program, { packet: frame(), ...options });
  return { ...result, answer: result.maps.map(calls.answer).value };
};

describe("adjustRoom", () => {
  test.each<[etherType: number, mode: number, delta: number, answer: number]>([
    [0x86dd, 0, 8, 1],
    [0x86dd, 0, -8, 1],
    [0x86dd, 0, 0, 1],
    [0x86dd, 0, 4095, 1],
    [0x86dd, 0, 4096, 0],
    [0x86dd, 0, -4096, 0],
    [0x86dd, 0, -46, 1],
    [0x86dd, 0, -47, 0],
    [0x86dd, 0, -86, 0],
    [0x86dd, 1, 8, 1],
    [0x86dd, 1, -46, 1],
    [0x86dd, 1, -47, 0],
    [0x86dd, 2, 8, 0],
    [0x0800, 0, -66, 1],
    [0x0800, 0, -67, 0],
    [0x0800, 1, -66, 1],
    [0x0800, 1, -67, 0],
    [0x8100, 0, 8, 0],
    [0x8100, 1, 8, 0],
    [0x0806, 1, -8, 0],
  ])("of an EtherType %i frame, mode %i, by %i: %i", (etherType, mode, delta, answer) => {
    const result = call(calls.room(delta, mode, 0), { packet: frame(100, etherType) });
    expect(result.answer).toBe(answer);
    expect(result.packet.length).toBe(answer === 1 ? 100 + delta : 100);
  });

  test("flags", () => {
    expect([1, 32, 33, 512, 1 << 24].map((flags) => call(calls.room(8, Room.Network, flags)).answer)).toEqual([
      1, 1, 1, 0, 0,
    ]);
    expect(() => call(calls.room(8, Room.Network, 2))).toThrow("not simulated");
  });

  test("with an outer IPv6 header: once, and never shorter", () => {
    const answers = (...changes: [delta: number, flags: number][]) => {
      const { answer, verdict, packet } = call(calls.rooms(...changes), { packet: frame(100, 0x0800) });
      return [answer, verdict, packet.length];
    };
    expect(answers([48, 4])).toEqual([1, 0x86dd, 148]);
    expect(answers([48, 4], [48, 4])).toEqual([0, 0x86dd, 148]);
    expect(answers([48, 4], [8, 1])).toEqual([1, 0x86dd, 156]);
    expect(answers([-8, 4])).toEqual([0, 0x0800, 100]);
  });

  test("opens zeros behind the network or the MAC header, and closes there", () => {
    const old = [...frame()];
    const zeros = [0, 0, 0, 0, 0, 0, 0, 0];
    expect([...call(calls.room(8, Room.Network, 0)).packet]).toEqual([...old.slice(0, 54), ...zeros, ...old.slice(54)]);
    expect([...call(calls.room(8, Room.Mac, 0)).packet]).toEqual([...old.slice(0, 14), ...zeros, ...old.slice(14)]);
    expect([...call(calls.room(-8, Room.Network, 0)).packet]).toEqual([...old.slice(0, 54), ...old.slice(62)]);
    expect([...call(calls.room(-8, Room.Mac, 0)).packet]).toEqual([...old.slice(0, 14), ...old.slice(22)]);
  });

  test("stops at the largest packet, GSO aside", () => {
    const packet = frame(16_000);
    expect([64, 65].map((delta) => call(calls.room(delta, 0, 0), { packet }).answer)).toEqual([1, 0]);
    const context = { gsoSize: 1000, gsoSegments: 16 };
    const result = call(calls.room(65, 0, 0), { packet, context });
    expect(result).toMatchObject({ answer: 1, context: { gsoSize: 935, gsoSegments: 0 } });
    expect(call(calls.room(65, 0, 1), { packet, context }).context.gsoSize).toBe(1000);
  });
});

describe("changeHead", () => {
  test("opens zeros before the packet", () => {
    const old = [...frame()];
    expect([...call(calls.before(14)).packet]).toEqual([...Array<number>(14).fill(0), ...old]);
  });

  test("stops at the largest packet, GSO aside", () => {
    const packet = frame(16_000);
    expect([-1, 0, 64, 65].map((growth) => call(calls.before(growth), { packet }).answer)).toEqual([0, 1, 1, 0]);
    const context = { gsoSize: 1000, gsoSegments: 16 };
    expect(call(calls.before(65), { packet, context }).answer).toBe(1);
  });
});

describe("XDP", () => {
  test.each([
    [4, 96],
    [-4, 104],
    [-216, 316],
    [-217, 100],
    [86, 14],
    [87, 100],
  ])("adjustHead by %i leaves %i", (delta, length) => {
    const result = call(calls.head(delta));
    expect(result.packet.length).toBe(length);
    expect(result.answer).toBe(length === 100 ? 0 : 1);
  });

  test.each([
    [4, 104],
    [-4, 96],
    [-86, 14],
    [-87, 100],
    [3420, 3520],
    [3421, 100],
  ])("adjustTail by %i leaves %i", (delta, length) => {
    const result = call(calls.tail(delta));
    expect(result.packet.length).toBe(length);
    expect(result.answer).toBe(length === 100 ? 0 : 1);
  });

  test("the head comes back as it was, the tail as zeros", () => {
    const old = [...frame()];
    expect([...call(calls.head(4, -4)).packet]).toEqual(old);
    expect([...call(calls.tail(-4, 4)).packet]).toEqual([...old.slice(0, 96), 0, 0, 0, 0]);
    expect([...call(calls.head(-4)).packet]).toEqual([0, 0, 0, 0, ...old]);
  });

  test("redirect knows no flags", () => {
    expect([0, 1, 2].map((flags) => call(calls.redirectXdp(flags)).verdict)).toEqual([4, 0, 0]);
  });

  test("packet.at ends with the packet", () => {
    expect(call(calls.last).answer).toBe(1);
  });
});

describe("tc", () => {
  test("context fields", () => {
    expect(call(calls.pull(0)).context).toEqual({
      ifindex: 1,
      mark: 0,
      protocol: 0x86dd,
      ingressIfindex: 0,
      packetType: 2,
      priority: 0,
      queueMapping: 0,
      vlanPresent: 0,
      gsoSegments: 0,
      gsoSize: 0,
      timestamp: 0n,
      timestampClock: 0,
      vlanProtocol: 0,
      vlanTci: 0,
      hardwareTimestamp: 0n,
    });
    const protocols = [0x600, 0x5ff, 100].map(
      (type) => call(calls.pull(0), { packet: frame(60, type) }).context.protocol,
    );
    expect(protocols).toEqual([0x600, 4, 4]);
    const raw = frame(60, 100);
    raw.fill(0xff, 14, 16);
    expect(call(calls.pull(0), { packet: raw }).context.protocol).toBe(1);
    const types = [0xff, 0x33, 0x00, 0x02].map(
      (byte) => call(calls.pull(0), { packet: frame().fill(byte, 0, 6) }).context.packetType,
    );
    expect(types).toEqual([2, 2, 0, 3]);
  });

  test("pull", () => {
    expect([0, 100, 101, -1].map((length) => call(calls.pull(length)).answer)).toEqual([1, 1, 0, 0]);
  });

  test("setTimestamp", () => {
    const cases: [bigint, number][] = [
      [5n, 0],
      [5n, 1],
      [5n, 2],
      [0n, 0],
      [0n, 1],
      [0n, 2],
      [5n, 3],
    ];
    const answers = cases.map(([ns, clock]) => {
      const { answer, context } = call(calls.stamp(ns, clock));
      return [answer, context.timestamp, context.timestampClock];
    });
    expect(answers).toEqual([
      [1, 5n, 0],
      [1, 5n, 1],
      [1, 5n, 2],
      [1, 0n, 0],
      [0, 0n, 0],
      [0, 0n, 0],
      [0, 0n, 0],
    ]);
    expect(call(calls.stamp(5n, 1), { packet: frame(60, 0x806) }).answer).toBe(0);
  });

  test("redirect", () => {
    expect([0, 1, 2, 3].map((flags) => call(calls.redirectTc(flags)).verdict)).toEqual([7, 7, 2, 2]);
    expect(call(calls.redirectTc(1)).redirect).toEqual({ ifindex: 3, flags: 1 });
    expect(call(calls.redirectTc(2)).redirect).toBeNull();
    expect(call(calls.redirectNeigh)).toMatchObject({ verdict: 7, redirect: { ifindex: 3, flags: 0 } });
  });

  test("copies that are sent elsewhere are the packet as it was then", () => {
    expect(call(calls.cloneRedirect(1))).toMatchObject({
      verdict: 1,
      redirect: null,
      context: { mark: 8 },
      clones: [{ ifindex: 3, flags: 1, mark: 7, packet: frame() }],
    });
    expect(call(calls.cloneRedirect(2))).toMatchObject({ verdict: 0, clones: [] });
  });

  test("load copies", () => {
    const { answer, verdict, packet } = call(calls.load(96));
    expect([answer, verdict]).toEqual([1, 0x55 * 256 + 100]);
    expect(packet).toEqual(frame());
    expect([97, -1].map((offset) => call(calls.load(offset)).answer)).toEqual([0, 0]);
  });

  test("store", () => {
    const { answer, packet } = call(calls.store(96));
    expect([answer, ...packet.subarray(95)]).toEqual([1, 96, 1, 2, 3, 4]);
    expect([97, 0x7fffffff].map((offset) => call(calls.store(offset)).answer)).toEqual([0, 0]);
  });

  test("loadInto fills the front, with zeros past the end", () => {
    const { maps } = call(calls.pull(0));
    const buffers = maps.map(calls.buffers);
    const into = (offset: number, length: number) => {
      buffers.set(0, { front: 7, bytes: [9, 9, 9, 9, 9, 9, 9, 9] });
      const { answer } = call(calls.loadInto(offset, length), { maps });
      return [answer, buffers.get(0)];
    };
    expect(into(97, 3)).toEqual([1, { front: 7, bytes: [98, 99, 100, 9, 9, 9, 9, 9] }]);
    expect(into(98, 3)).toEqual([0, { front: 7, bytes: [0, 0, 0, 9, 9, 9, 9, 9] }]);
    expect(() => into(0, 9)).toThrow("from 1 to 8 fit");
  });

  test("fits looks at the MTU, and trusts GSO", () => {
    expect([1414, 1415].map((growth) => call(calls.fits(growth), { mtu: 1500 }).answer)).toEqual([1, 0]);
    expect(call(calls.fits(1415), { mtu: 1500, context: { gsoSize: 1000 } }).answer).toBe(1);
  });

  test("egressBacklog comes from the environment, the mark stays", () => {
    const { verdict, context } = call(calls.backlog, { environment: { egressBacklog: [3, 5] } });
    expect([verdict, context.mark]).toEqual([8, 8]);
  });
});

describe("maps", () => {
  test("the longest prefix wins", () => {
    const { maps } = call(calls.pull(0));
    const routes = maps.map(calls.routes);
    routes.set({ prefixLength: 8, address: [10, 0, 0, 0] }, { value: 8 });
    routes.set({ prefixLength: 20, address: [10, 1, 0x10, 0xff] }, { value: 20 });
    routes.set({ prefixLength: 0, address: [0, 0, 0, 0] }, { value: 0 });
    const find = (...key: [number, ...number[]]) => call(calls.route(...key), { maps }).verdict;
    expect(find(32, 10, 1, 0x1f, 1)).toBe(20);
    expect(find(32, 10, 1, 0x20, 1)).toBe(8);
    expect(find(19, 10, 1, 0x10, 0)).toBe(8);
    expect(find(32, 11, 1, 1, 1)).toBe(0);
    expect(find(33, 10, 1, 0x10, 0)).toBe(99);
    routes.delete({ prefixLength: 20, address: [10, 1, 0x1f, 0] });
    expect(find(32, 10, 1, 0x1f, 1)).toBe(8);
    expect(routes.set({ prefixLength: 8, address: [10, 9, 9, 9] }, { value: 1 }, 1)).toBe(false);
  });

  test("an LRU map drops what was used longest ago", () => {
    const { maps } = call(calls.remember(1));
    for (const program of [calls.remember(2), calls.touch(1), calls.remember(3)]) call(program, { maps });
    expect([...maps.map(calls.recent).keys()].toSorted((a, b) => a - b)).toEqual([1, 3]);
  });

  test("an update puts a new value beside the one that views show, save in per-CPU maps", () => {
    const { maps, verdict } = call(calls.writeBehind, { environment: { cpu: 1 } });
    expect(verdict).toBe(11);
    expect(maps.map(calls.plain).get(1)).toEqual({ value: 2 });
    expect(maps.map(calls.each).get(1)).toEqual([0, 12, 0, 0].map((value) => ({ value })));
  });
});
