/** Records that are as long as they must be: of a map's value, of bytes copied to the stack, and of the packet itself. */
import { Tc } from "../../../src/kernel/context.ts";
import { perCpuArrayMap, ringBuffer } from "../../../src/kernel/maps.ts";
import { tc } from "../../../src/kernel/program.ts";
import { array, be16, header, struct, u32, u8 } from "../../../src/wire/layout.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";

export const Copy = struct("copy", { length: u32, bytes: array(u8, 64) });
const Ports = header("ports", "", { source: be16, destination: be16 });

const scratches = perCpuArrayMap(Copy, { entries: 1, name: "scratches" });
export const copies = ringBuffer({ bytes: 4096, name: "copies" });
export const heads = ringBuffer({ bytes: 4096, name: "heads" });

/** Copies what the packet has from byte 14 on, at most 64 bytes of it; returns how many records found room. */
export const copyOut = tc(
  (ctx) => {
    const scratch = scratches.lookup(0);
    if (scratch === null) return Tc.Drop;
    const rest = ctx.packet.length - 14;
    const length = rest > 64 ? 64 : rest;
    if (length < 1 || !ctx.loadInto(scratch, "bytes", 14, length)) return 0;
    scratch.length = ctx.packet.length;
    let sent = copies.output(scratch, 4 + length) ? 1 : 0;
    const ports = ctx.load(14, Ports);
    if (ports !== null && heads.output(ports, ctx.mark & 3)) sent++;
    const ethernet = ctx.packet.at(Ethernet, 0);
    if (ethernet !== null && heads.output(ethernet, ctx.mark % 15)) sent++;
    return sent;
  },
  { name: "copy_out" },
);
