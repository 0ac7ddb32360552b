/** Reports of a node on packets that ask for it, while the command runs. */
import { load } from "../../bpf/instance.ts";
import { compile } from "../../compiler/compile.ts";
import { readExport } from "../../follow/trace/join-exports.ts";
import { clockOffset } from "../../linux/clock.ts";
import { exporter, exportRing } from "../../mark/ioam/export/dex.bpf.ts";
import { withDevice, type Target } from "../../mark/ioam/device.ts";
import { taiOffset } from "../../mark/ioam/tai-offset.ts";
import type { Output } from "../framework/output.ts";
import { untilEnd } from "../live/end.ts";
import { withUndo } from "../undo.ts";
import { exportObject, exportText } from "./export-text.ts";

const SECOND_NS = 1_000_000_000n;

/** Attaches the exporting program in front of a sink, prints what it reports, and takes it off again. */
export const runExport = (
  target: Target,
  seconds: number | undefined,
  output: Output,
  signal: AbortSignal,
): Promise<void> =>
  withUndo(async (undo) => {
    const program = withDevice(target, ({ netns, link, node, interface: device }) => {
      const loaded = load(compile(exporter({ node, device })));
      undo.add(() => loaded.close());
      const { offsetNs } = clockOffset("realtime", "tai");
      loaded.map(taiOffset).value = ((offsetNs + SECOND_NS / 2n) / SECOND_NS) * SECOND_NS;
      const where = { ifindex: link.index, netns, name: link.name };
      const attachment = loaded.attachTc(where, { direction: "ingress", order: "first" });
      undo.add(() => attachment.detach());
      return loaded;
    });
    const watch = program.map(exportRing).watch((view, offset, length) => {
      const report = readExport(new Uint8Array(view.buffer, view.byteOffset + offset, length));
      if (report !== null) output.print(exportObject(target.device, report), exportText);
    });
    undo.add(() => watch.close());
    await untilEnd(signal, seconds);
  });
