/** A user's script, as far as it goes without a kernel. */
import "hopmark/bpf";
import { compile, writeObject } from "hopmark/compiler";
import { countSources } from "../../examples/count-sources.bpf.ts";

writeObject([compile(countSources)]);
