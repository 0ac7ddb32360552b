/** The way from a node to an address, as the routes of the nodes in reach say it. */
import { NETNS_DIRECTORY, netnsPath } from "../../../linux/netns.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { lookupRoute, nextHopsTo, type LookedUpRoute } from "../../../linux/rtnetlink/route-lookup.ts";
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
/** More ways than anyone wants to see at once. */
const MAX_PATHS = 16;

/** The ways to an address: first the one that the kernels choose, then those that their routes share packets out to as well. */
export const findPaths = (from: OpenNode, address: string, nodes: readonly OpenNode[]): Path[] => {
  const paths: Path[] = [];
  const follow = (node: OpenNode, ingress: InterfaceFacts | null, before: readonly PathHop[]): void => {
    for (const route of waysOn(node, address, ingress)) {
      if (paths.length === MAX_PATHS) return;
      const step = stepOn(node, ingress, route, address, nodes, before);
      if ("path" in step) paths.push(step.path);
      else follow(step.node, step.ingress, step.hops);
    }
  };
  follow(from, null, []);
  return paths;
};

/** From a node to the next one; or the path, where it ends. */
const stepOn = (
  node: OpenNode,
  ingress: InterfaceFacts | null,
  route: LookedUpRoute | undefined,
  address: string,
  nodes: readonly OpenNode[],
  before: readonly PathHop[],
):
  | { readonly path: Path }
  | { readonly node: OpenNode; readonly ingress: InterfaceFacts; readonly hops: readonly PathHop[] } => {
  const { name } = node.facts;
  if (route?.kind === "local" || node.facts.interfaces.some((own) => own.addresses.includes(address)))
    return { path: { hops: [...before, { node, ingress, egress: null, route: null }], findings: [] } };
  const egress = node.facts.interfaces.find(({ index }) => index === route?.device) ?? null;
  const hops = [...before, { node, ingress, egress, route: route ?? null }];
  const stop = (part: Pick<Finding, "rule" | "message" | "remedy">): { readonly path: Path } => ({
    path: { hops, findings: [{ ...part, node: name, device: egress?.name ?? null, evidence: "configuration" }] },
  });
  if (route === undefined || egress === null) return stop(noRoute(node, address));
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
  return { node: next.node, ingress: next.device, hops };
};

/** Routes by an interface go when it goes down. */
const noRoute = (node: OpenNode, address: string): Pick<Finding, "rule" | "message" | "remedy"> => {
  const { name, interfaces } = node.facts;
  const down = interfaces.filter(({ running, loopback }) => !running && !loopback).map((one) => one.name);
  const add = `${onNode(node)}ip -6 route add ${address}/128 via GATEWAY dev DEVICE`;
  return {
    rule: "no-route",
    message: `${name} has no route to ${address}${down.length === 0 ? "" : `; ${down.join(" and ")} ${down.length === 1 ? "is" : "are"} down`}`,
    remedy: down.length === 0 ? add : `${onNode(node)}ip link set ${down[0] ?? ""} up, and then if need be: ${add}`,
  };
};

/** What the kernel chooses, then the route's other ways. */
const waysOn = (node: OpenNode, address: string, ingress: InterfaceFacts | null): (LookedUpRoute | undefined)[] => {
  const socket = openRtnetlink(node.netns);
  try {
    const chosen = lookupRoute(socket, address, ingress?.index);
    if (chosen === undefined || chosen.kind === "local") return [chosen];
    const { gateway: _, ...rest } = chosen;
    const others = nextHopsTo(socket, address, ingress?.index)
      .filter(({ device, gateway }) => device !== chosen.device || gateway !== chosen.gateway)
      .map(({ device, gateway }) => ({ ...rest, device, ...(gateway !== undefined && { gateway }) }));
    return [chosen, ...others];
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
