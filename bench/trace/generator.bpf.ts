/** Packets with traces of two hops, as a node in front of a sink sends them. */
import { fetchAdd } from "../../src/kernel/atomics.ts";
import { Tc, Xdp } from "../../src/kernel/context.ts";
import { variable } from "../../src/kernel/maps.ts";
import { tc, xdp } from "../../src/kernel/program.ts";
import { array, be16, be64, header, u64, u8 } from "../../src/wire/layout.ts";
import { pace } from "../../tests/support/pace.bpf.ts";

const WORDS = 25;
export const FRAME_BYTES = WORDS * 8;
/** Flows, each on a path of its own. */
export const FLOWS = 64;

const Frame = header("frame", "", { words: array(be64, WORDS) });
const Byte = header("byte", "", { value: u8 });
const Port = header("port", "RFC 768", { value: be16 });

export const sent = variable(u64, 0n, { name: "sent" });
/**
 * Writes the whole frame anew, since whoever had its page before changed it, and sends it out of an interface when its time has
 * come: the kernel would send a batch at once, and a sink's ring would have to hold what comes in one go.
 */
export const emit = (
  ifindex: number,
  words: readonly bigint[],
  at: { readonly nodeId: number; readonly port: number },
) =>
  xdp(
    (ctx) => {
      const frame = ctx.packet.at(Frame, 0);
      const node = ctx.packet.at(Byte, at.nodeId);
      const port = ctx.packet.at(Port, at.port);
      if (frame === null || node === null || port === null) return Xdp.Aborted;
      for (const [index, word] of words.entries()) frame.words[index] = word;
      pace();
      const flow = Number(fetchAdd(sent, "value", 1n) & BigInt(FLOWS - 1));
      node.value = flow;
      port.value = 40_000 + flow;
      return ctx.redirect(ifindex);
    },
    { name: "emit" },
  );

/** Behind a sink: what it delivers is nobody's. */
export const end = tc(() => Tc.Drop, { name: "end" });
