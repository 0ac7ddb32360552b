/** A user's script from start to a loaded program, run with `--import hopmark/register`. */
import { load } from "hopmark/bpf";
import { compile } from "hopmark/compiler";
import { countSources } from "../../examples/count-sources.bpf.ts";

load(compile(countSources)).close();
