/** A user's script: as far as it goes where there is no kernel, and to its end on the device that is named. */
import { attach } from "hopmark/bpf";
import { compile, writeObject } from "hopmark/compiler";
import { countSources } from "../../examples/count-sources.bpf.ts";

writeObject([compile(countSources)]);
const device = process.argv[2];
if (device !== undefined) attach(countSources, { device }).close();
