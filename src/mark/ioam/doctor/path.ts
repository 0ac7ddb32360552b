/** The way from a node to an address, as the routes of the nodes in reach say it. */
import { NETNS_DIRECTORY, netnsPath } from "../../../linux/netns.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { lookupRoute, type LookedUpRoute } from "../../../linux/rtnetlink/route-lookup.ts";
import type { Finding } from "./finding.ts";
import type { InterfaceFacts, OpenNode } from "./node-facts.ts";

/** A node on the path. The first has no ingress, the last no egress. */
export interface PathHop {
  readonly node: OpenNode;
  readonly ingress: InterfaceFacts | null;
  readonly egress: InterfaceFacts | null;
  /** The route that leads on. */
  readonly route: LookedUpRoute | null;
}

export interface Path {
  readonly hops: readonly PathHop[];
  /** Why it does not lead to the address; empty when it does. */
  readonly findings: readonly Finding[];
}

/** More than a trace has room for, and than any hop limit that is usual. */
const MAX_HOPS = 64;

export const findPath = (from: OpenNode, address: string, nodes: readonly OpenNode[]): Path => {
  const hops: PathHop[] = [];
  let node = from;
  let ingress: InterfaceFacts | null = null;
  for (;;) {
    const route = routeOf(node, address, ingress);
    const { name } = node.facts;
    const egress = node.facts.interfaces.find(({ index }) => index === route?.device) ?? null;
    const stop = (part: Pick<Finding, "rule" | "message" | "remedy">, device = egress): Path => ({
      hops,
      findings: [{ ...part, node: name, device: device?.name ?? null, evidence: "configuration" }],
    });
    if (route?.kind === "local" || node.facts.interfaces.some((own) => own.addresses.includes(address))) {
      hops.push({ node, ingress, egress: null, route: null });
      return { hops, findings: [] };
    }
    hops.push({ node, ingress, egress, route: route ?? null });
    if (route === undefined || egress === null) {
      const remedy = `${onNode(node)}ip -6 route add ${address}/128 via GATEWAY dev DEVICE`;
      return stop({ rule: "no-route", message: `${name} has no route to ${address}`, remedy });
    }
    if (!egress.running) {
      const remedy = `${onNode(node)}ip link set ${egress.name} up`;
      return stop({ rule: "link-down", message: `${name}'s ${egress.name}, the way to ${address}, is down`, remedy });
    }
    const nextAddress = route.gateway ?? address;
    const next = ownerOf(nextAddress, nodes, node);
    if (next === undefined) {
      const message = `the next node behind ${name}'s ${egress.name}, ${nextAddress}, is none that can be looked at from here`;
      return stop({
        rule: "out-of-reach",
        message,
        remedy: "name its namespace behind the command, or look at a capture from it: -r FILE",
      });
    }
    if (hops.length === MAX_HOPS || hops.some((hop) => hop.node === next.node)) {
      const message = `the routes to ${address} lead in a circle: ${name} sends it back to ${next.node.facts.name}`;
      return stop({ rule: "no-route", message, remedy: `${onNode(node)}ip -6 route get ${address}` });
    }
    node = next.node;
    ingress = next.device;
  }
};

const routeOf = (node: OpenNode, address: string, ingress: InterfaceFacts | null): LookedUpRoute | undefined => {
  const socket = openRtnetlink(node.netns);
  try {
    return lookupRoute(socket, address, ingress?.index);
  } finally {
    socket.close();
  }
};

const ownerOf = (
  address: string,
  nodes: readonly OpenNode[],
  except: OpenNode,
): { readonly node: OpenNode; readonly device: InterfaceFacts } | undefined => {
  for (const node of nodes) {
    if (node === except) continue;
    const device = node.facts.interfaces.find((own) => own.addresses.includes(address));
    if (device !== undefined) return { node, device };
  }
  return undefined;
};

/** What goes before a command for it to run on the node. */
export const onNode = ({ facts: { netns } }: OpenNode): string => {
  if (netns === undefined) return "";
  const path = netnsPath(netns);
  return path === `${NETNS_DIRECTORY}/${netns}` ? `ip netns exec ${netns} ` : `nsenter --net=${path} `;
};

/** What goes behind a command of Hopmark's. */
export const netnsWords = ({ facts: { netns } }: OpenNode): string => (netns === undefined ? "" : ` --netns ${netns}`);
