import { ExitStatus } from "../framework/exit-status.ts";
import type { Output } from "../framework/output.ts";
import { Progress } from "../progress.ts";
import { withUndo, type Undo } from "../undo.ts";
import { demoText, type DemoReport, type Sent } from "./pval-demo-text.ts";
import { buildPvalLab, type MarkCounts, type PvalLab } from "./pval-lab.ts";
import { kinds, type Kind } from "./pval-traffic.ts";

/** Checksums that were wrong, and packets that could not be put together from their fragments. */
const DAMAGE = ["TcpInCsumErrors", "UdpInCsumErrors", "IcmpInCsumErrors", "IpReasmFails"];
/** Packets that are under way when their receiver has got what it waited for. */
const SETTLE_MS = 2000;

/** Builds the lab, sends all kinds of traffic through it, says what became of the packets, and leaves nothing behind. */
export const runPvalDemo = (output: Output, signal: AbortSignal): Promise<number> =>
  withUndo(async (undo) => {
    const progress = new Progress(output);
    const lab = await buildPvalLab(undo, progress);
    const sent: Sent[] = [];
    for (const kind of kinds) {
      signal.throwIfAborted();
      await progress.step(`sending: ${kind.name}`);
      sent.push(await withUndo((own) => sendKind(lab, kind, own)));
    }
    const kernel = Object.fromEntries(DAMAGE.map((name) => [name, lab.kernelCount(name)]));
    const whole = sent.every((own) => own.whole) && Object.values(kernel).every((value) => value === 0);
    output.print<DemoReport>({ type: "summary", sent, kernel, whole }, demoText);
    return whole ? ExitStatus.Ok : ExitStatus.Failed;
  });

const sendKind = async (lab: PvalLab, { name, send }: Kind, undo: Undo): Promise<Sent> => {
  const before = lab.counts();
  const { arrived, complete } = await send(lab, undo).then(
    (text) => ({ arrived: text, complete: true }),
    (error: unknown) => ({ arrived: error instanceof Error ? error.message : String(error), complete: false }),
  );
  const since = (): MarkCounts => {
    const now = lab.counts();
    return {
      packets: now.packets - before.packets,
      marked: now.marked - before.marked,
      stripped: now.stripped - before.stripped,
    };
  };
  const deadline = performance.now() + SETTLE_MS;
  let counts = since();
  while (counts.stripped !== counts.marked && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    counts = since();
  }
  const { packets, marked, stripped } = counts;
  const whole = complete && marked === packets && stripped === marked;
  return { kind: name, ...counts, lost: marked - stripped, arrived, whole };
};
