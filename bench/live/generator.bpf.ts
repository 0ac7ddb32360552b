/** Frames at a rate, made in the kernel: what a fast neighbour sends. */
import { monotonicNs } from "../../src/kernel/helpers.ts";
import { range } from "../../src/kernel/range.ts";
import { Tc, Xdp } from "../../src/kernel/context.ts";
import { variable } from "../../src/kernel/maps.ts";
import { tc, xdp } from "../../src/kernel/program.ts";
import { array, be16, be64, header, u64, u8 } from "../../src/wire/layout.ts";

/** Told apart by their source port, 40000 and up. */
export const FLOWS = 64;

const Byte = header("byte", "", { value: u8 });
const Port = header("port", "RFC 768", { value: be16 });

/** Counted by the one CPU that sends. */
export const sent = variable(u64, 0n, { name: "sent" });
/** When the next group may go, and how long after it the one behind: ns, of the monotonic clock. */
export const next = variable(u64, 0n, { name: "next" });
export const spacing = variable(u64, 0n, { name: "spacing" });

/**
 * Packets for one look at the clock, which costs as much as all else here. Whoever receives sees no difference: a batch of them
 * goes through the veth pair at once.
 */
export const GROUP = 8;

/** Looks at the clock, of 20 ns and more, while a group waits for its time: more than a spacing has at 20,000 packets a second. */
const LOOKS = 20_000;

/** Behind its plan by so much, the generator gives up what is more: a reader's ring need not hold it in one go. */
const LATE_NS = 2_000_000n;

export interface FramePlaces {
  /** Where the source port stands. */
  readonly port: number;
  /** Where a byte is that gets the flow's number, too. */
  readonly flow?: number;
}

/**
 * Writes the whole frame anew, since whoever had its page before changed it, and sends it out of an interface when its time has
 * come: the kernel would send a batch at once, and a reader's ring would have to hold what comes in one go.
 */
export const emit = (ifindex: number, words: readonly bigint[], places: FramePlaces) => {
  const Frame = header("frame", "", { words: array(be64, words.length) });
  const flowAt = places.flow;
  return xdp(
    (ctx) => {
      const frame = ctx.packet.at(Frame, 0);
      const port = ctx.packet.at(Port, places.port);
      if (frame === null || port === null) return Xdp.Aborted;
      for (const [index, word] of words.entries()) frame.words[index] = word;
      const number = sent.value;
      sent.value = BigInt.asUintN(64, number + 1n);
      if ((number & BigInt(GROUP - 1)) === 0n) {
        let now = monotonicNs();
        for (const _ of range(0, LOOKS)) {
          if (now >= next.value) break;
          now = monotonicNs();
        }
        // By the plan and not by the clock, so that what a batch takes on its way does not come on top of its packets' spacing.
        const due = next.value;
        const late = BigInt.asUintN(64, due + LATE_NS) < now;
        next.value = BigInt.asUintN(64, (late ? now : due) + spacing.value);
      }
      const flow = Number(number & BigInt(FLOWS - 1));
      port.value = 40_000 + flow;
      if (flowAt !== undefined) {
        const byte = ctx.packet.at(Byte, flowAt);
        if (byte === null) return Xdp.Aborted;
        byte.value = flow;
      }
      return ctx.redirect(ifindex);
    },
    { name: "emit" },
  );
};

/**
 * A veth end that has a program takes frames of the other end in NAPI. Generic receive offload would do as well, and looks at each
 * packet for one that it could go on with: 60 to 100 ns.
 */
export const take = xdp(() => Xdp.Pass, { name: "take" });

/** Behind whoever looks: what comes is nobody's. */
export const end = tc(() => Tc.Drop, { name: "end" });
