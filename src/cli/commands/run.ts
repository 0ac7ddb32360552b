import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { oneOf, seconds } from "../framework/values.ts";

const hooks = ["ingress", "egress"] as const;
// Not in the table: inference of its type stops at a call of a generic function.
const readHook = oneOf(...hooks);

export const run = defineCommand({
  name: "run",
  summary:
    "attach a program of a TypeScript file to an interface, a cgroup or a tracepoint, and show what it does, live",
  description: [
    "FILE is a module named *.bpf.ts that exports a program. One made with xdp() or tc() goes to an interface, one made with cgroupSkb() or sockOps() to a cgroup: it sees the packets, or the TCP connections, of that group's sockets. One made with tracepoint() or rawTracepoint() goes to the tracepoint that it names. It is compiled, loaded and attached; its maps are shown as they change, with the rate of each counter, and the records of its rings as they come. On the way out (Ctrl-C, SIGTERM, an error, the interface or cgroup gone, the reader of the output gone) it is detached and its maps are shown a last time.",
    "What a program made with iterator() writes is shown once, or with --seconds again each second; --netns says whose sockets it walks.",
    "With --json every record, every entry that changed since the look before, and what it came to in the end is an object on a line of its own: its `type` is attached, record, entry, removed or summary. Integers of more than 48 bits are strings. Values of per-CPU maps are added up, but with --per-cpu.",
    "Maps are looked at each second, or less often where that takes long. Of a large map a terminal shows the highest, and how many more there are; lines are of 10,000 entries at most. A ring that was full lost records, and says so.",
  ],
  positionals: { file: { value: "FILE", description: "the module: count.bpf.ts", complete: "file" } },
  options: {
    dev: {
      flag: "--dev",
      value: "DEVICE",
      description: "the interface; by default the loopback, lo",
      complete: "device",
    },
    cgroup: {
      flag: "--cgroup",
      value: "PATH",
      description: "the cgroup, a directory of the cgroup2 file system; by default its root, which is every process",
      complete: "file",
    },
    program: {
      flag: "--program",
      value: "NAME",
      description: "which, by its name or its export's, when there are several",
    },
    hook: {
      flag: "--hook",
      value: hooks.join("|"),
      description: "for tc and cgroup programs: packets that come in (the default), or that go out",
      complete: hooks,
      read: readHook,
    },
    generic: {
      flag: "--generic",
      description: "for XDP programs: run in the stack, which every interface can, and not in the driver",
    },
    perCpu: {
      flag: "--per-cpu",
      description: "show what each CPU has in per-CPU maps, instead of their sum",
    },
    seconds: { flag: "--seconds", value: "N", description: "end after so long; else Ctrl-C ends it", read: seconds },
    netns: netnsOption,
    log: { flag: "--log", description: "show the verifier's own log when it refuses the program" },
  },
  examples: [
    "hopmark run count.bpf.ts --dev eth0",
    "hopmark run mark.bpf.ts --dev eth0 --hook egress --seconds 10 --json",
    "hopmark run talkers.bpf.ts --cgroup /sys/fs/cgroup/system.slice --hook egress",
  ],
  withoutPins: true,
  run: async (input, context) => {
    const { runProgram } = await import("../run/run-program.ts");
    await runProgram(input, context);
  },
});
