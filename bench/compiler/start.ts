/**
 * A user's script from start to an attached program, run with `-r hopmark/register`; prints the time of that moment
 * on the monotonic clock, which all processes share, and how long the kernel takes to attach it again, in ns. `performance`
 * would load ten modules of Node.js first.
 */
import { attach } from "hopmark/bpf";
import { countSources } from "../../examples/count-sources.bpf.ts";

const running = attach(countSources, { device: "lo" });
const attached = process.hrtime.bigint();
running.attachment.close();
const before = process.hrtime.bigint();
running.program.attachXdp({ ifindex: 1 });
console.log(`${attached} ${process.hrtime.bigint() - before}`);
running.close();
