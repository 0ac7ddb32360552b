/** VLAN tags, in the kernel and in V8. */
import { expect, test } from "vitest";
import { toHex } from "../fuzz/hex.ts";
import { agreeOn } from "./agree.ts";
import { exchanged, steps, type Step } from "./programs/vlan.bpf.ts";

const addresses = "020000000002020000000001";
const contents = "0800" + "45000014000000000011".padEnd(80, "0");
const plain = addresses + contents;
const tagged = `${addresses}81006123${contents}`;
const twice = `${addresses}88a8a00181006123${contents}`;

const P = (protocol: number, tci: number): Step => ["push", protocol, tci];
const POP: Step = ["pop"];

test.each<[name: string, steps: readonly Step[], packet: string, expected: readonly [number, number, string]]>([
  ["push", [P(0x8100, 0x6123)], plain, [0x0800, 0x8100_6123, plain]],
  ["push a service tag", [P(0x88a8, 5)], plain, [0x0800, 0x88a8_0005, plain]],
  ["push of another EtherType", [P(0x9100, 5)], plain, [0x0800, 0x8100_0005, plain]],
  ["push twice", [P(0x8100, 0x6123), P(0x88a8, 1)], plain, [0x8100, 0x88a8_0001, tagged]],
  ["push onto one in the packet", [P(0x88a8, 1)], tagged, [0x8100, 0x88a8_0001, tagged]],
  ["pop without a tag", [POP], plain, [0x0800, 0, plain]],
  ["pop of one in the packet", [POP], tagged, [0x0800, 0, plain]],
  ["pop of the outer of two", [POP], twice, [0x0800, 0x8100_6123, plain]],
  ["pop of two", [POP, POP], twice, [0x0800, 0, plain]],
  ["pop of what was pushed", [P(0x8100, 1), POP], plain, [0x0800, 0, plain]],
  ["pop of half a tag", [POP], tagged.slice(0, 34), [2, 0, tagged.slice(0, 34)]],
  ["pop of a tag before a length", [POP], `${addresses}810061230040aaaa`, [4, 0, `${addresses}0040aaaa`]],
  ["pop of a tag before Novell's", [POP], `${addresses}810061230040ffff`, [1, 0, `${addresses}0040ffff`]],
  ["pop of a tag that nothing follows", [POP], `${addresses}810061238100`, [2, 0, `${addresses}8100`]],
  ["back and forth", [POP, POP, P(0x8100, 0x6123), P(0x88a8, 0xa001)], twice, [0x8100, 0x88a8_a001, tagged]],
])("%s", (_, list, packet, [verdict, mark, after]) => {
  const { runs } = agreeOn(steps(...list), [{ packet }]);
  expect(runs).toMatchObject([{ verdict, mark: mark >>> 0 }]);
  expect(runs.map((run) => toHex(run.packet))).toEqual([after]);
});

test("values that the program computes", () => {
  const runs = [plain, tagged, twice].map((packet) => ({ packet }));
  expect(agreeOn(exchanged, runs).runs.map(({ verdict }) => verdict)).toEqual([2, 2, 0x0800]);
});
