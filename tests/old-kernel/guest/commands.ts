/** What one process set up, others see, change and remove, without a filter having a link to hold on to. */
import assert from "node:assert/strict";
import { startPing } from "../../../src/lab/index.ts";
import { hopmark } from "./command.ts";
import { Lab, PREFIX } from "./musketeers.ts";
import { assertGone } from "./traces.ts";

const OTHER_PREFIX = "db03::/64";

interface Shown {
  readonly kind: string;
  readonly device: string;
  readonly rule?: { readonly prefix: string };
}

export const commands = async (): Promise<string> => {
  const lab = new Lab("commands");
  try {
    lab.closeSink();
    const shown = (["athos", "porthos", "aramis"] as const).flatMap((node) =>
      (hopmark("ioam", "show", "--netns", lab.netns(node)) as Shown[]).map(
        ({ kind, device, rule }) => `${kind} ${device}${rule === undefined ? "" : ` ${rule.prefix}`}`,
      ),
    );
    const others = ["transit h_porthos_a", "transit h_porthos_b", "sink h_aramis"];
    assert.deepEqual(shown, [`encap h_athos ${PREFIX}`, ...others]);

    // The program is replaced under traffic: each packet meets the old one or the new one, and all counts stay.
    const ping = await lab.within("athos", (netns) => startPing(netns, { target: "db02::2", intervalMs: 20 }));
    const ioam = (node: "athos" | "porthos" | "aramis", words: string): unknown =>
      hopmark("ioam", ...words.split(" "), "--netns", lab.netns(node));
    ioam("athos", `encap add ${OTHER_PREFIX} dev h_athos trace prealloc type 0x800000 ns 123 size 12`);
    ioam("athos", `encap delete ${OTHER_PREFIX} dev h_athos`);
    const { sent, received, errors } = await ping.stop();
    assert.deepEqual({ received, errors }, { received: sent, errors: 0 });
    assert.equal(lab.counters("athos", "encap")["sent"], BigInt(sent));
    assert.equal(lab.counters("aramis", "sink")["received"], BigInt(sent));

    ioam("athos", "encap delete dev h_athos");
    ioam("porthos", "transit delete dev h_porthos_a");
    ioam("porthos", "transit delete dev h_porthos_b");
    ioam("aramis", "sink delete dev h_aramis");
    await assertGone(lab);
    return `${sent} packets while a program was replaced twice, none without a trace`;
  } finally {
    lab.down();
  }
};
