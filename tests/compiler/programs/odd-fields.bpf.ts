/** Numbers of 24, 48 and 56 bits. */
import { xdp } from "../../../src/kernel/program.ts";
import { be16, be24, be48, be56, be64, header, u8 } from "../../../src/wire/layout.ts";

const AT = 14;
const Out = header("out", "", { value: be64 });

/** Each with bytes of the header behind it but the last. */
const Odd = header("odd", "", { a: be24, b: u8, c: be48, d: be16, e: be56, f: u8, g: be24 });

export const withNeighbours = xdp((ctx) => {
  const out = ctx.packet.at(Out, 0);
  const odd = ctx.packet.at(Odd, AT);
  if (out === null || odd === null) return 0;
  out.value = BigInt.asUintN(64, BigInt(odd.a + odd.b + odd.c + odd.d) + odd.e + BigInt(odd.f * 3 + odd.g));
  return 2;
});

const One = header("one", "", { value: be24, next: u8 });

/** One load, a swap, a shift. */
export const read = xdp((ctx) => {
  const one = ctx.packet.at(One, 0);
  return one === null || one.value < 1_000_000 ? 0 : 2;
});

/** Read after its bytes, or those around it, were written. */
export const written = xdp((ctx) => {
  const out = ctx.packet.at(Out, 0);
  const odd = ctx.packet.at(Odd, AT);
  if (out === null || odd === null) return 0;
  odd.a = odd.b + 1;
  odd.f = 7;
  const { a, e } = odd;
  odd.e = e + 1n;
  odd.d = 3;
  out.value = BigInt(a) + e + BigInt(odd.c) + BigInt.asUintN(56, odd.e);
  return 2;
});
