/**
 * A user's script from start to an attached program, run with `-r hopmark/register`: `start.ts xdp|tc DEVICE`. Prints the time
 * of that moment on the monotonic clock, which all processes share, and how long the kernel takes to attach it again, in ns.
 * `performance` would load ten modules of Node.js first.
 */
import { attach } from "hopmark/bpf";
import { countSources } from "../../examples/count-sources.bpf.ts";
import { logQueries } from "../../examples/dns-log.bpf.ts";

const [hook, device = ""] = process.argv.slice(2);

const running = hook === "tc" ? attach(logQueries, { device }) : attach(countSources, { device });
const attached = process.hrtime.bigint();
const { ifindex } = running.attachment;
running.attachment.close();
// What just ended had the kernel's grace periods start together with this; the first one came at any time.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20 + 10 * Math.random());
const before = process.hrtime.bigint();
if (hook === "tc") running.program.attachTc({ ifindex }, { direction: "ingress" });
else running.program.attachXdp({ ifindex });
console.log(`${attached} ${process.hrtime.bigint() - before}`);
running.close();
