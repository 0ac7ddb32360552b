/** Users' programs in one script, attached one after the other on the device that is named. */
import { attach } from "hopmark/bpf";
import { countSources, sources } from "../../examples/count-sources.bpf.ts";
import { logQueries } from "../../examples/dns-log.bpf.ts";
import { countProtocols, protocols } from "../../examples/protocols.bpf.ts";

const device = process.argv[2];
if (device !== undefined) {
  const first = attach(countSources, { device });
  for (const [{ address }, { packets }] of first.map(sources)) console.assert(packets > 0n, address);
  first.close();
  const second = attach(countProtocols, { device });
  for (const [, { packets }] of second.map(protocols)) console.assert(packets > 0n);
  second.close();
  attach(logQueries, { device }).close();
}
