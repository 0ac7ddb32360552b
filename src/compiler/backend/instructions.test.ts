/** What single operations become. */
import { describe, expect, it, test } from "vitest";
import { arrayMap } from "../../kernel/maps.ts";
import { u64 } from "../../wire/layout.ts";
import type { Block, Node, SsaFunction } from "../ssa/ir.ts";
import { verify } from "../ssa/verify.ts";
import { optimise } from "./optimise.ts";
import { evaluate } from "./testing/evaluate.ts";
import { Graph } from "./testing/graph.ts";
import { Memory } from "./testing/memory.ts";
import { assembly } from "./testing/assembly.ts";

const load = (graph: Graph, offset = 0, size: 1 | 2 | 4 | 8 = 8, fields = {}) =>
  graph.add("load", [graph.add("context")], { offset, size, space: "packet", ...fields });
const u16Range = { low: 0n, high: 0xffffn };
const u32Range = { low: 0n, high: 0xffffffffn };

const operation = (
  op: "add" | "and" | "or" | "div" | "mod" | "mul" | "shl" | "sub",
  width: 32 | 64,
  right: bigint,
  fields = {},
) =>
  assembly((graph) => {
    const left = load(graph, 0, 8, fields);
    graph.return(graph.add(op, [left, graph.constant(right)], { width }));
  }).slice(1, -1);

describe("constants", () => {
  it.each([
    ["add", 64, 5n, ["r0 += 5"]],
    ["add", 64, -5n, ["r0 += -5"]],
    ["add", 32, 0x80000000n, ["w0 += -2147483648"]],
    ["add", 64, 1n << 40n, ["r5 = 0x10000000000 ll", "r0 += r5"]],
    ["and", 64, 0xffffffffn, ["w0 = w0"]],
    ["and", 64, 0xf0000000n, ["w0 &= -268435456"]],
    ["mul", 64, 8n, ["r0 <<= 3"]],
    ["div", 64, 16n, ["r0 >>= 4"]],
    ["mod", 64, 16n, ["r0 &= 15"]],
    ["shl", 32, 33n, ["w0 <<= 1"]],
    ["sub", 64, 0n, []],
  ] as const)("%s.%d %s", (op, width, right, lines) => {
    expect(operation(op, width, right)).toEqual(lines);
  });

  test("a wide constant is loaded once in a block", () => {
    const lines = assembly((graph) => {
      const wide = graph.constant(0x1234_5678_9abcn);
      const sum = graph.add("add", [load(graph), wide]);
      graph.return(graph.add("xor", [graph.add("mul", [sum, sum]), wide]));
    });
    expect(lines.filter((line) => line.endsWith("ll"))).toHaveLength(1);
  });

  test("a 32-bit dividend is divided by multiplying, a 64-bit one is not", () => {
    expect(operation("div", 64, 1000n, u32Range)).toEqual(["r0 *= 274877907", "r0 >>= 38"]);
    expect(operation("div", 64, 1000n)).toEqual(["r0 /= 1000"]);
    // The kernel's rule: a zero divisor gives 0, and the dividend for the remainder.
    const byZero = (op: "div" | "mod") =>
      assembly((graph) => graph.return(graph.add(op, [load(graph), graph.constant(0)])));
    expect(byZero("div")).toEqual(["r0 = 0", "exit"]);
    expect(byZero("mod")).toEqual(["r0 = *(u64 *)(r1 +0)", "exit"]);
  });

  test("parts of a value that are put together again are the value", () => {
    const lines = assembly((graph) => {
      const byte = load(graph, 0, 1, { low: 0n, high: 0xffn });
      const old = load(graph, 1, 1, { low: 0n, high: 0xffn });
      const high = graph.add(
        "shl",
        [graph.add("shr", [byte, graph.constant(2)], { low: 0n, high: 63n }), graph.constant(2)],
        {
          low: 0n,
          high: 252n,
        },
      );
      const mixed = graph.add("or", [graph.add("and", [old, graph.constant(3)], { low: 0n, high: 3n }), high], {
        low: 0n,
        high: 255n,
      });
      const kept = graph.add("and", [mixed, graph.constant(252)], { low: 0n, high: 252n });
      const low = graph.add("and", [byte, graph.constant(3)], { low: 0n, high: 3n });
      graph.return(graph.add("or", [kept, low], { low: 0n, high: 255n }));
    });
    expect(lines).toEqual(["r0 = *(u8 *)(r1 +0)", "exit"]);
  });

  test("a remainder beside its quotient is a multiplication", () => {
    const lines = assembly((graph) => {
      const value = load(graph);
      const billion = graph.constant(1_000_000_000);
      const rest = graph.add("mod", [value, billion]);
      graph.return(graph.add("xor", [rest, graph.add("div", [value, billion])]));
    });
    expect(lines.filter((line) => line.includes("/=") || line.includes("%="))).toEqual([expect.stringContaining("/=")]);
  });
});

describe("comparisons", () => {
  const comparison = (build: (graph: Graph) => Parameters<Graph["branch"]>): string =>
    assembly((graph) => {
      const args = build(graph);
      graph.branch(...args);
      graph.start(args[4]);
      graph.add("store", [graph.add("context"), graph.constant(1)], { space: "packet" });
      graph.return(graph.constant(1));
      graph.start(args[5]);
      graph.return(graph.constant(2));
    })
      .filter((line) => !line.startsWith("r") && line !== "exit")
      .map((line) => line.replace(/ goto.*/, ""))[0]!;

  test("a remainder behind its quotient is one, too", () => {
    const lines = assembly((graph) => {
      const value = load(graph);
      const divisor = graph.constant(1_000_000_000);
      const quotient = graph.add("div", [value, divisor]);
      const [small, large] = [graph.newBlock(), graph.newBlock()];
      graph.branch("eq", quotient, graph.constant(0), 64, small, large);
      graph.start(small);
      graph.return(quotient);
      graph.start(large);
      graph.return(graph.add("mod", [value, divisor]));
    });
    expect(lines.filter((line) => /[/%]=/.test(line))).toHaveLength(1);
  });

  test("a constant of 2^31 and more compares 32 bits, since 64 would extend its sign", () => {
    expect(
      comparison((graph) => [
        "gt",
        load(graph, 0, 4, u32Range),
        graph.constant(0x8000_0000),
        64,
        graph.newBlock(),
        graph.newBlock(),
      ]),
    ).toMatch(/^if w\d <= -2147483648$/);
  });

  test("one more than is at least, where the sum cannot wrap", () => {
    const against = (range: { low: bigint; high: bigint }, swapped = false) =>
      comparison((graph) => {
        const sum = graph.add("add", [load(graph, 0, 4, range), graph.constant(1)], {
          low: range.low + 1n,
          high: range.high + 1n,
        });
        const other = load(graph, 8);
        const blocks = [graph.newBlock(), graph.newBlock()] as const;
        return swapped ? ["lt", other, sum, 64, ...blocks] : ["gt", sum, other, 64, ...blocks];
      });
    expect(against(u32Range)).toMatch(/^if r\d < r\d$/);
    expect(against(u32Range, true)).toMatch(/^if r\d > r\d$/);
    expect(against({ low: -1n, high: 0xffffn })).toMatch(/^if r\d <= r\d$/);
  });

  test("the constant is swapped, not the field", () => {
    expect(
      comparison((graph) => {
        const swapped = graph.add("bswap", [load(graph, 12, 2, u16Range)], { width: 16, ...u16Range });
        return ["ne", swapped, graph.constant(0x86dd), 64, graph.newBlock(), graph.newBlock()];
      }),
    ).toMatch(/^if r\d == 56710$/);
  });

  test("nor for a masked field: a fragment's flags and offset are tested as they lie", () => {
    expect(
      comparison((graph) => {
        const swapped = graph.add("bswap", [load(graph, 6, 2, u16Range)], { width: 16, ...u16Range });
        const masked = graph.add("and", [swapped, graph.constant(0x3fff)], { low: 0n, high: 0x3fffn });
        return ["ne", masked, graph.constant(0), 64, graph.newBlock(), graph.newBlock()];
      }),
    ).toMatch(/^if w\d & 65343$/);
  });

  test("what is taken away and added again is neither", () => {
    const reach = (less: number, more: number) =>
      assembly((graph) => {
        const bytes = load(graph, 0, 2, u16Range);
        const place = graph.add("sub", [bytes, graph.constant(less)], { low: BigInt(-less), high: 0xffffn });
        const at = graph.add("add", [load(graph, 8), place]);
        graph.return(graph.add("add", [at, graph.constant(more)]));
      }).slice(2, -1);
    expect(reach(1, 1)).toEqual(["r0 += r5"]);
    expect(reach(1, 4)).toEqual(["r0 += r5", "r0 += 3"]);
    expect(reach(4, 1)).toHaveLength(3);
  });

  test("bits of a sum are not tested directly: the verifier would forget the bounds of what it was made from", () => {
    expect(
      comparison((graph) => {
        const sum = graph.add("add", [load(graph, 0, 2, u16Range), graph.constant(-14)], { low: -14n, high: 0xfff1n });
        const masked = graph.add("and", [sum, graph.constant(3)], { low: 0n, high: 3n });
        return ["ne", masked, graph.constant(0), 64, graph.newBlock(), graph.newBlock()];
      }),
    ).toMatch(/^if r\d == 0$/);
  });
});

describe("memory", () => {
  test("constants are stored without a register, side by side in one go, but not to the context", () => {
    const stores = (space: "packet" | "context") =>
      assembly((graph) => {
        const context = graph.add("context");
        for (let i = 0; i < 4; i++) graph.add("store", [context, graph.constant(i)], { offset: 8 + i, size: 1, space });
        graph.return(graph.constant(0));
      }).filter((line) => line.startsWith("*"));
    expect(stores("packet")).toEqual(["*(u32 *)(r1 +8) = 50462976"]);
    expect(stores("context")).toHaveLength(4);
    expect(stores("context")[0]).toMatch(/^\*\(u8 \*\)\(r1 \+8\) = r\d$/);
  });

  test("offsets from pointers and stack addresses are the instruction's", () => {
    const lines = assembly((graph) => {
      const pointer = graph.add("add", [graph.add("context"), graph.constant(14)]);
      const slot = graph.add("stack", [], { slot: graph.slot(16) });
      const upper = graph.add("add", [slot, graph.constant(8)]);
      graph.add("store", [upper, graph.add("load", [pointer], { offset: 6, space: "packet" })], { space: "stack" });
      graph.return(graph.add("load", [upper], { size: 4, space: "stack" }));
    });
    expect(lines).toEqual(["r0 = *(u64 *)(r1 +20)", "*(u64 *)(r10 -8) = r0", "r0 = *(u32 *)(r10 -8)", "exit"]);
  });

  test("a load of what narrower stores wrote is put together from their values", () => {
    const lines = assembly((graph) => {
      const context = graph.add("context");
      const byte = graph.add("load", [context], { offset: 40, size: 1, space: "packet", low: 0n, high: 0xffn });
      graph.add("store", [context, byte], { offset: 8, size: 1, space: "packet" });
      graph.add("store", [context, graph.constant(0x1234)], { offset: 10, size: 2, space: "packet" });
      graph.return(graph.add("load", [context], { offset: 8, size: 4, space: "packet", ...u32Range }));
    });
    expect(lines).toEqual([
      "r0 = *(u8 *)(r1 +40)",
      "*(u8 *)(r1 +8) = r0",
      "*(u16 *)(r1 +10) = 4660",
      "r5 = *(u8 *)(r1 +9)",
      "r5 <<= 8",
      "r0 += r5",
      "r0 |= 305397760",
      "exit",
    ]);
  });

  test("a load is not put together from a store that another pointer may have changed", () => {
    const lines = assembly((graph) => {
      const context = graph.add("context");
      const other = graph.add("add", [context, graph.add("load", [context], { offset: 40, size: 1, space: "packet" })]);
      graph.add("store", [context, graph.constant(1)], { offset: 8, size: 1, space: "packet" });
      graph.add("store", [other, graph.constant(2)], { offset: 8, size: 1, space: "packet" });
      graph.return(graph.add("load", [context], { offset: 8, size: 2, space: "packet", ...u16Range }));
    });
    expect(lines).toContain("r0 = *(u16 *)(r1 +8)");
  });

  const key = (write: (graph: Graph, context: Node, slot: Node) => void) =>
    assembly((graph) => {
      const context = graph.add("context");
      const slot = graph.add("stack", [], { slot: graph.slot(8) });
      write(graph, context, slot);
      graph.return(graph.add("call", [slot], { imm: 1n }));
    });
  const copy = (graph: Graph, from: Node, to: Node, offset: number) =>
    graph.add(
      "store",
      [to, graph.add("load", [from], { offset: 26 + offset, size: 4, space: "packet", ...u32Range })],
      {
        offset,
        size: 4,
        space: "stack",
      },
    );

  test("neighbours are copied in one go", () => {
    const lines = key((graph, context, slot) => {
      copy(graph, context, slot, 0);
      copy(graph, context, slot, 4);
    });
    expect(lines.slice(0, 2)).toEqual(["r0 = *(u64 *)(r1 +26)", "*(u64 *)(r10 -8) = r0"]);
  });

  test("neighbours are not copied in one go when a store may have come between", () => {
    const lines = key((graph, context, slot) => {
      copy(graph, context, slot, 0);
      const other = graph.add("add", [context, graph.add("load", [context], { offset: 4, size: 1, space: "packet" })]);
      graph.add("store", [other, graph.constant(1)], { offset: 30, size: 1, space: "packet" });
      copy(graph, context, slot, 4);
    });
    expect(lines.join("\n")).not.toContain("u64 *)(r1 ");
  });

  test("a byte beside zeros on the stack is one store of 8 bytes", () => {
    const lines = key((graph, context, slot) => {
      copy(graph, context, slot, 0);
      const byte = graph.add("load", [context], { offset: 23, size: 1, space: "packet", low: 0n, high: 0xffn });
      graph.add("store", [slot, byte], { offset: 4, size: 1, space: "stack" });
      graph.add("store", [slot, graph.constant(0)], { offset: 5, size: 1, space: "stack" });
      graph.add("store", [slot, graph.constant(0)], { offset: 6, size: 2, space: "stack" });
    });
    expect(lines.filter((line) => line.startsWith("*"))).toEqual([expect.stringContaining("*(u64 *)(r10 -8)")]);
  });

  test("a pointer that goes round a loop keeps its register", () => {
    const lines = assembly((graph) => {
      const [header, body, exit] = [graph.newBlock(), graph.newBlock(), graph.newBlock()];
      const start = graph.add("context");
      const end = load(graph);
      graph.jump(header);
      graph.start(header);
      const pointer = graph.add("phi", [start]);
      graph.branch("lt", pointer, end, 64, body, exit);
      graph.start(body);
      const next = graph.add("add", [pointer, graph.constant(4)]);
      graph.add("store", [next, end], { space: "packet" });
      graph.jump(header);
      pointer.args.push(next);
      graph.start(exit);
      graph.return(graph.constant(0));
    });
    expect(lines.filter((line) => /^r\d = r\d$/.test(line))).toEqual([]);
    // The test is repeated at the end of the loop: no jump back to it.
    expect(lines.filter((line) => line.startsWith("goto"))).toEqual([]);
  });
});

describe("calls and atomics", () => {
  const map = arrayMap(u64, { entries: 1, name: "counters" });

  test("arguments are made where they go", () => {
    const lines = assembly((graph) => {
      const key = graph.add("stack", [], { slot: graph.slot(4) });
      graph.add("store", [key, graph.constant(3)], { size: 4, space: "stack" });
      const found = graph.add("call", [graph.add("map", [], { map }), key], { imm: 1n });
      graph.return(found);
    });
    expect(lines).toEqual([
      "*(u32 *)(r10 -8) = 3",
      "r2 = r10",
      "r2 += -8",
      "r1 = map[counters]",
      "call bpf_map_lookup_elem#1",
      "exit",
    ]);
  });

  test("what is needed after a call is loaded into a register that survives it", () => {
    const lines = assembly((graph) => {
      const kept = load(graph, 8);
      const result = graph.add("call", [], { imm: 5n });
      graph.return(graph.add("add", [result, kept]));
    });
    expect(lines).toEqual(["r6 = *(u64 *)(r1 +8)", "call bpf_ktime_get_ns#5", "r0 += r6", "exit"]);
  });

  test("a kernel function is called by name", () => {
    expect(assembly((graph) => graph.return(graph.add("kfunc", [graph.add("context")], { name: "bpf_cast" })))).toEqual(
      ["call bpf_cast", "exit"],
    );
  });

  test("compare and exchange goes through r0", () => {
    const lines = assembly((graph) => {
      const address = graph.add("mapValue", [], { map });
      const operands = [graph.constant(1), graph.constant(2)];
      graph.return(graph.add("atomic", [address, ...operands], { atomic: "compare_exchange", space: "map" }));
    });
    expect(lines.slice(-3)).toEqual(["r0 = 2", expect.stringMatching(/^lock compare_exchange .*, r\d$/), "exit"]);
  });
});

describe("signs", () => {
  const extension = (cpu: "v3" | "v4") =>
    assembly((graph) => graph.return(graph.add("sext", [load(graph)], { width: 16 })), { cpu });
  test("are extended by shifts, in one instruction where the machine can", () => {
    expect(extension("v3").slice(1, -1)).toEqual(["r0 <<= 48", "r0 s>>= 48"]);
    expect(extension("v4").slice(1, -1)).toEqual(["r0 = (s16)r0"]);
  });
});

describe("tests in a row", () => {
  test("a value is searched by halves among many constants, and found at each", () => {
    const values = Array.from({ length: 20 }, (_, at) => ((at * 7) % 20) * 3);
    const graph = new Graph();
    const value = load(graph, 0, 1, { low: 0n, high: 0xffn });
    const others = graph.add("sub", [graph.constant(0), value]);
    const [shared, end] = [graph.newBlock(), graph.newBlock()];
    const fromRow: Node[] = [];
    values.forEach((each, at) => {
      const [found, next] = [at % 4 === 0 ? shared : graph.newBlock(), graph.newBlock()];
      if (at % 2 === 0) graph.branch("eq", value, graph.constant(each), 64, found, next);
      else graph.branch("ne", value, graph.constant(each), 64, next, found);
      if (found === shared) {
        fromRow.push(graph.constant(200 + at));
        graph.block.nodes.splice(-2, 0, graph.block.nodes.pop()!);
      } else {
        graph.start(found);
        graph.return(graph.constant(100 + at));
      }
      graph.start(next);
    });
    graph.jump(end);
    graph.start(shared);
    graph.return(graph.add("phi", fromRow));
    graph.start(end);
    graph.return(graph.add("phi", [others]));
    verify(graph.fn);
    const results = (): bigint[] =>
      Array.from({ length: 256 }, (_, byte) => {
        const memory = new Memory();
        memory.add(0x1000n, Uint8Array.of(byte));
        return evaluate(graph.fn, memory, 0x1000n);
      });
    const before = results();
    expect(longest(graph.fn)).toBe(20);
    optimise(graph.fn);
    verify(graph.fn);
    expect(results()).toEqual(before);
    expect(longest(graph.fn)).toBeLessThanOrEqual(7);
  });

  test.each([
    [[1, 2, 3, 4, 5, 6], "if r0 >= 4 goto"],
    [[6, 5, 4, 3, 2, 1], "if r0 < 4 goto"],
  ])("of %s, the half of the first comes behind the search", (values, search) => {
    const lines = assembly((graph) => {
      const value = load(graph, 0, 1, { low: 0n, high: 0xffn });
      for (const each of values) {
        const [found, next] = [graph.newBlock(), graph.newBlock()];
        graph.branch("eq", value, graph.constant(each), 64, found, next);
        graph.start(found);
        graph.return(graph.add("mul", [value, graph.constant(100 + each)]));
        graph.start(next);
      }
      graph.return(graph.constant(0));
    });
    const at = lines.findIndex((line) => line.startsWith(search));
    expect(lines[at + 1]).toMatch(`if r0 == ${values[0]} goto`);
  });

  test("a few are compared in the order written", () => {
    const lines = assembly((graph) => {
      const value = load(graph, 0, 1, { low: 0n, high: 0xffn });
      for (const each of [5, 3, 9, 1, 7]) {
        const [found, next] = [graph.newBlock(), graph.newBlock()];
        graph.branch("eq", value, graph.constant(each), 64, found, next);
        graph.start(found);
        graph.return(graph.constant(100 + each));
        graph.start(next);
      }
      graph.return(graph.constant(0));
    });
    expect(lines.flatMap((line) => /^if r0 == (\d)/.exec(line)?.[1] ?? [])).toEqual(["5", "3", "9", "1", "7"]);
  });

  /** Branches on the longest way through a function without loops. */
  const longest = ({ entry }: SsaFunction): number => {
    const from = (block: Block): number =>
      Math.max(0, ...block.successors.map(from)) + (block.terminator?.op === "branch" ? 1 : 0);
    return from(entry);
  };

  /** Two tests of which each, when true, returns 1. */
  const twoTests = (build: (graph: Graph, context: Node) => readonly [Test, () => Test], between = false) =>
    assembly((graph) => {
      const context = graph.add("context");
      const [first, makeSecond] = build(graph, context);
      const [fail, next, done] = [graph.newBlock(), graph.newBlock(), graph.newBlock()];
      graph.branch(first.condition, first.left, first.right, first.width, fail, next);
      graph.start(next);
      if (between) graph.add("store", [context, graph.constant(1)], { offset: 60, size: 1, space: "packet" });
      const second = makeSecond();
      graph.branch(second.condition, second.left, second.right, second.width, fail, done);
      graph.start(fail);
      graph.return(graph.constant(1));
      graph.start(done);
      graph.return(load(graph, 0, 1, { low: 0n, high: 0xffn }));
    }).filter((line) => line.startsWith("if"));

  interface Test {
    readonly condition: "gt" | "set";
    readonly left: Node;
    readonly right: Node;
    readonly width: 32 | 64;
  }

  const bounds = (graph: Graph, context: Node): readonly [Test, () => Test] => {
    const data = graph.add("load", [context], { size: 4, space: "context" });
    const end = graph.add("load", [context], { size: 4, offset: 4, space: "context" });
    const reach = (bytes: number): Test => ({
      condition: "gt",
      left: graph.add("add", [data, graph.constant(bytes)]),
      right: end,
      width: 64,
    });
    return [reach(14), () => reach(34)];
  };

  test("a packet that must be long and then longer is asked once", () => {
    expect(twoTests(bounds)).toHaveLength(1);
  });

  test("nothing is written to a packet before it is asked how long it is", () => {
    expect(twoTests(bounds, true)).toHaveLength(2);
  });

  const bits =
    (readsOn: boolean) =>
    (graph: Graph, context: Node): readonly [Test, () => Test] => {
      const read = (offset: number, size: 1 | 2): Node =>
        graph.add("load", [context], { offset, size, space: "packet", low: 0n, high: (1n << BigInt(8 * size)) - 1n });
      const field = (offset: number, size: 1 | 2, mask: number): Test => ({
        condition: "set",
        left: read(offset, size),
        right: graph.constant(mask),
        width: 32,
      });
      if (readsOn) {
        const behind = read(9, 1);
        graph.add("store", [graph.add("stack", [], { slot: graph.slot(8) }), behind], { size: 1, space: "stack" });
      }
      return [field(6, 1, 0x20), () => field(6, 2, 0xff1f)];
    };

  test("bits of neighbouring fields are tested at once", () => {
    expect(twoTests(bits(true))).toEqual([expect.stringContaining("& 65343")]);
  });

  test("but not of bytes that the packet was not yet shown to have", () => {
    expect(twoTests(bits(false))).toHaveLength(2);
  });
});

test("what every way in has asked already is not asked again", () => {
  const lines = assembly((graph) => {
    const value = load(graph, 0, 8);
    const other = load(graph, 8, 8);
    const [both, rest, done, zero, notZero] = Array.from({ length: 5 }, () => graph.newBlock()) as [Block, ...Block[]];
    graph.branch("eq", value, graph.constant(0), 64, rest!, both);
    graph.start(both);
    graph.branch("eq", other, graph.constant(7), 64, done!, rest!);
    graph.start(done!);
    graph.return(graph.constant(1));
    graph.start(rest!);
    graph.branch("ne", value, graph.constant(0), 64, notZero!, zero!);
    graph.start(zero!);
    graph.return(graph.constant(2));
    graph.start(notZero!);
    graph.return(graph.constant(3));
  });
  expect(lines.filter((line) => line.startsWith("if")).map((line) => line.split(" goto")[0])).toEqual([
    expect.stringMatching(/^if r\d [!=]= 0$/),
    expect.stringMatching(/^if r\d [!=]= 7$/),
  ]);
});
