/** `ctx.fibLookup`, whose answer the environment gives. */
import { address } from "./addresses.ts";
import { numberWithin } from "./number-text.ts";
import { declareNumber } from "./declarations.ts";
import type { Interval } from "./interval.ts";
import type { Writing } from "./writing.ts";

const unsigned = (bits: number): Interval => ({ low: 0n, high: (1n << BigInt(bits)) - 1n });

const numbers: Readonly<Record<string, Interval>> = {
  code: { low: -(1n << 31n), high: (1n << 31n) - 1n },
  ifindex: unsigned(32),
  mtu: unsigned(16),
  metric: unsigned(32),
  family: unsigned(8),
};

export const routeLookup = (w: Writing): void => {
  const { random } = w;
  // Each has bytes of its own on the stack.
  if (w.loops > 0 || (w.type !== "xdp" && w.type !== "tc")) return declareNumber(w);
  const family = random.pick(["ipv4", "ipv6"] as const);
  const optional = [
    ["length", 16],
    ["ifindex", 32],
    [family === "ipv4" ? "tos" : "flowInfo", family === "ipv4" ? 8 : 28],
    ["protocol", 8],
    ["sourcePort", 16],
  ] as const;
  const fields = optional
    .filter(() => random.chance(0.4))
    .map(([name, bits]) => `${name}: ${numberWithin(w, 0n, unsigned(bits).high, 1).text}`);
  const query = [`source: ${address(w, family)}`, `destination: ${address(w, family)}`, ...fields].join(", ");
  const route = w.name("r");
  w.line(
    `const ${route} = ctx.fibLookup({ ${query} }${random.chance(0.5) ? `, ${random.pick(["FibFlag.Direct", "2", "4"])}` : ""});`,
  );
  for (const [field, range] of Object.entries(numbers)) {
    if (random.chance(0.5)) continue;
    const name = w.name("n");
    w.line(`const ${name} = ${route}.${field};`);
    w.scope.declare({ kind: "number", name, range, assignable: false, wrapped: false });
  }
  if (random.chance(0.4)) {
    const name = w.name("c");
    w.line(`const ${name} = ${route}.code === Fib.${random.pick(["Success", "NotFwded", "NoNeigh"])};`);
    w.scope.declare({ kind: "boolean", name, assignable: false });
  }
  for (const [field, kind] of [
    ["nextHop", family],
    ["nextHop6", "ipv6"],
    ["source", family],
    ["sourceMac", "mac"],
    ["destinationMac", "mac"],
  ] as const) {
    if (random.chance(0.6)) continue;
    const name = w.name("a");
    w.line(`const ${name} = ${route}.${field};`);
    w.scope.declare({ kind: "address", name, family: kind, assignable: false, loopDepth: w.realLoops });
  }
};
