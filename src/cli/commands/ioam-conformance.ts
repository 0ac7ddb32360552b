import { defineCommand } from "../framework/command.ts";
import { ExitStatus } from "../framework/exit-status.ts";

export const ioamConformance = defineCommand({
  name: "ioam conformance",
  summary:
    "run the rules of a transit node through this kernel's own IOAM and through Hopmark's, and show where they differ",
  description: [
    "Builds three network namespaces of its own, sends some hundred packets through the one in the middle, each of which tries a rule, and compares what comes out byte by byte: once as the kernel's IOAM fills traces (net.ipv6.conf.IF.ioam6_enabled), once as Hopmark's programs do. Nothing of this machine's own network is touched, and nothing is left behind. It takes a few seconds.",
    "The exit status is 1 when there is a difference without a reason.",
  ],
  examples: ["hopmark ioam conformance", "hopmark ioam conformance --json"],
  needs: ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_BPF"],
  run: async (_, { output, signal }) => {
    const [{ runConformance }, { conformanceText }, { Progress }, { withUndo }] = await Promise.all([
      import("../conformance/run-conformance.ts"),
      import("../conformance/conformance-text.ts"),
      import("../progress.ts"),
      import("../undo.ts"),
    ]);
    const report = await withUndo((undo) => runConformance(undo, new Progress(output, 0), signal));
    output.print(report, (value, style) => conformanceText(value, style, output.columns));
    return report.unexplained.length === 0 ? ExitStatus.Ok : ExitStatus.Failed;
  },
});
