/** A script of which everything below was translated before. */
import { countSources } from "../../examples/count-sources.bpf.ts";

console.assert(countSources.name === "count_sources");
