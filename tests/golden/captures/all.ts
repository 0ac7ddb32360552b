import type { LineOptions } from "../../../src/follow/capture/packet-lines.ts";
import { applications } from "./applications.ts";
import type { GoldenCapture } from "./build.ts";
import { bgp } from "./bgp.ts";
import { cisco } from "./cisco.ts";
import { contents } from "./contents.ts";
import { control } from "./control.ts";
import { details } from "./details.ts";
import { isIs } from "./isis.ts";
import { links } from "./links.ts";
import { management } from "./management.ts";
import { multicast } from "./multicast.ts";
import { network } from "./network.ts";
import { ospf3 } from "./ospf3.ts";
import { routing } from "./routing.ts";
import { reservations } from "./rsvp.ts";
import { services } from "./services.ts";
import { transport } from "./transport.ts";
import { wireless } from "./wireless.ts";

export const captures: readonly GoldenCapture[] = [
  ...network,
  ...transport,
  ...links,
  ...contents,
  ...applications,
  ...control,
  ...services,
  ...wireless,
  ...details,
  ...management,
  ...routing,
  ...multicast,
  ...bgp,
  ...isIs,
  ...reservations,
  ...cisco,
  ...ospf3,
];

/** tcpdump's flags, and ours. */
export const flagSets: readonly (readonly [readonly string[], LineOptions])[] = [
  [[], {}],
  [["-e"], { link: true }],
  [["-v"], { verbose: 1 }],
  [["-vv", "-e"], { verbose: 2, link: true }],
  [["-q"], { quick: true }],
  [["-S", "-t"], { absolute: true, time: 1 }],
  [["-tt", "-x"], { time: 2, bytes: "hex" }],
  [["-ttt", "-X"], { time: 3, bytes: "hex and characters" }],
  [["-tttt", "-xx"], { time: 4, bytes: "hex", linkBytes: true }],
  [["-ttttt", "-XX"], { time: 5, bytes: "hex and characters", linkBytes: true }],
  [["-A"], { bytes: "characters" }],
];
