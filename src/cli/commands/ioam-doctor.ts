import { ConfigError } from "../../errors.ts";
import { defineCommand } from "../framework/command.ts";
import { ExitStatus } from "../framework/exit-status.ts";
import { seconds } from "../framework/values.ts";

/** What looking at other namespaces, pins and packets takes. */
const rights = ["CAP_BPF", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_ADMIN"] as const;

export const ioamDoctor = defineCommand({
  name: "ioam doctor",
  summary: "say where on a path traces are not inserted, filled in or taken off, which rule bit, and what helps",
  description: [
    "Follows the routes from NODE to ADDRESS, reads the configuration of each node on the way, sends a few echo requests with a trace along it, and watches them at every interface. Nothing is changed. The exit status is 1 when something is wrong.",
    "Where routes share packets out among several ways (ECMP), the way that the probes took is judged by them, and every other by its configuration.",
    "With -r it looks at the traces in a capture instead: which rule a node dropped or will drop them by, where they were full, and with which size they would not have been.",
    "A NODE is a node of a lab, or a network namespace by NAME, PATH or PID. The other nodes of a lab are found; others are named behind the options. What another machine does cannot be seen from here: run it there too.",
  ],
  words: { value: "NODE", description: "other nodes that the path may lead over", complete: "netns" },
  options: {
    from: {
      flag: "--from",
      value: "NODE",
      description: "where the path starts; this process's own network namespace when not given",
      complete: "netns",
    },
    to: { flag: "--to", value: "ADDRESS", description: "the IPv6 address where it ends" },
    quiet: { flag: "--quiet", short: "-q", description: "send nothing: look at configuration alone" },
    read: {
      flag: "--read",
      short: "-r",
      value: "FILE",
      description: "examine this capture, pcap or pcapng, and no path",
      complete: "file",
    },
    watch: {
      flag: "--watch",
      value: "SECONDS",
      description: "watch for so long what others send to the address, too",
      read: seconds,
    },
  },
  examples: [
    "hopmark ioam doctor --from athos --to db02::2",
    "hopmark ioam doctor --to db02::2 router --watch 5",
    "hopmark ioam doctor -r capture.pcapng",
  ],
  run: async ({ from, to, quiet, watch, read, rest }, { output, needRights }) => {
    if (read !== undefined) {
      const { runCapture } = await import("../ioam-doctor/run-capture.ts");
      return runCapture(read, output) ? ExitStatus.Ok : ExitStatus.Failed;
    }
    if (to === undefined) {
      throw new ConfigError("ioam doctor: --to ADDRESS is missing", {
        hint: "as in: hopmark ioam doctor --from athos --to db02::2",
      });
    }
    await needRights(rights);
    const [{ pathQuestion }, { examinePath }, { pathReportText }] = await Promise.all([
      import("../ioam-doctor/path-question.ts"),
      import("../../mark/ioam/doctor/examine-path.ts"),
      import("../ioam-doctor/path-report-text.ts"),
    ]);
    const question = pathQuestion({ from, to, others: rest, quiet, watchMs: (watch ?? 0) * 1000 });
    const report = await examinePath(question);
    output.print(report, (value, style) => pathReportText(value, style, output.columns));
    return report.ok ? ExitStatus.Ok : ExitStatus.Failed;
  },
});
