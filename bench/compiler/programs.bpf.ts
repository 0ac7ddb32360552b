import { Tc, Xdp } from "../../src/kernel/context.ts";
import { perCpuArrayMap } from "../../src/kernel/maps.ts";
import { tc, xdp, type Program, type ProgramType } from "../../src/kernel/program.ts";
import { array, be16, header, struct, u64, u8 } from "../../src/wire/layout.ts";
import { Ethernet } from "../../src/wire/headers/ethernet.ts";
import { Ipv6 } from "../../src/wire/headers/ipv6.ts";

export const empty = tc(() => Tc.Next, { name: "empty" });

/** What TEST_RUN itself takes, by the type of the program that it runs. */
const empties: Readonly<Partial<Record<ProgramType, Program>>> = {
  tc: empty,
  xdp: xdp(() => Xdp.Pass, { name: "empty_xdp" }),
};

export const emptyOf = (type: ProgramType): Program => {
  const found = empties[type];
  if (found === undefined) throw new Error(`there is no empty program of type ${type}`);
  return found;
};

const Count = struct("count", { packets: u64, bytes: u64 });
export const counts = perCpuArrayMap(Count, { entries: 256, name: "counts" });

export const countByProtocol = tc(
  (ctx) => {
    const ethernet = ctx.packet.at(Ethernet, 0);
    const ip = ctx.packet.at(Ipv6, 14);
    if (ethernet === null || ip === null || ethernet.etherType !== 0x86dd) return Tc.Next;
    const count = counts.lookup(ip.nextHeader);
    if (count === null) return Tc.Next;
    count.packets += 1n;
    count.bytes += BigInt(ctx.packet.length);
    return Tc.Next;
  },
  { name: "count" },
);

const Bytes = header("bytes", "", { first: be16, second: be16, rest: array(u8, 56) });

/** A program as long as wanted: `steps` steps of loads, arithmetic, branches and stores. */
export const scaled = (steps: number) => {
  const numbers = Array.from({ length: steps }, (_, at) => at);
  return xdp(
    (ctx) => {
      const bytes = ctx.packet.at(Bytes, 0);
      if (bytes === null) return Xdp.Drop;
      let sum = bytes.first;
      for (const step of numbers) {
        const value = bytes.rest[step % 56] ?? 0;
        if (((value + step) & 3) === 1) sum = (sum ^ (value * 3 + step)) & 0xffff;
        else if (value === step % 251) sum = (sum + 7) & 0xffff;
        if (sum === (40_000 + step) % 65_536) bytes.second = step & 0xffff;
      }
      bytes.first = sum;
      return (sum & 1) === 1 ? Xdp.Pass : Xdp.Drop;
    },
    { name: "scaled" },
  );
};
