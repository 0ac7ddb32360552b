import type { Offload, OffloadState } from "../../linux/ethtool.ts";
import { netnsPath } from "../../linux/netns.ts";
import type { Link } from "../../linux/rtnetlink/links.ts";
import { shellQuoted } from "../framework/rights.ts";
import type { Check } from "./check.ts";

/** Above about this, a packet does not fit into one page with what XDP needs around it. */
const XDP_MTU = 3500;

/** What an interface's offloads do to marked and traced packets, and to XDP. */
export const interfaceCheck = (
  { name, kind, mtu }: Pick<Link, "name" | "kind" | "mtu">,
  offloads: ReadonlyMap<Offload, OffloadState>,
  netns?: string,
): Check => {
  const isOn = (offload: Offload): boolean => (offloads.get(offload)?.state ?? "off") !== "off";
  const notes: string[] = [];
  const switches: string[] = [];
  if (kind === "veth" && isOn("tx")) {
    notes.push(
      "transmit checksum offload: TCP and UDP arrive with wrong checksums where an XDP program at the other end changes frames or redirects them; one that passes them as they are does no harm",
    );
    switches.push("tx off");
  }
  if (kind === "veth" && !isOn("gro")) {
    notes.push("no GRO: packets that XDP redirects to the other end are lost");
    switches.push("gro on");
  }
  if (isOn("lro")) {
    notes.push("LRO: merged packets cannot be forwarded with their marks, and XDP refuses it");
    switches.push("lro off");
  }
  if (mtu > XDP_MTU) notes.push(`MTU ${mtu}: XDP programs must take packets in fragments`);
  const part = { group: "interfaces", name } as const;
  if (notes.length > 0) {
    const remedy = switches.length === 0 ? {} : { remedy: `${inNetns(netns)}ethtool -K ${name} ${switches.join(" ")}` };
    return { ...part, status: "warn", detail: notes.join("; "), ...remedy };
  }
  const segments = (["tso", "gso", "uso"] as const).filter(isOn);
  const shared = segments.length === 0 ? "" : `; ${segments.join(", ")} on: one trace may stand for several packets`;
  return { ...part, status: "ok", detail: `MTU ${mtu}${shared}` };
};

/** What goes before a command for it to run in the namespace that NAME, PATH or PID stands for. */
const inNetns = (reference: string | undefined): string => {
  if (reference === undefined) return "";
  const path = netnsPath(reference);
  if (path === `/run/netns/${reference}`) return `ip netns exec ${shellQuoted(reference)} `;
  return `nsenter --net=${shellQuoted(path)} `;
};
