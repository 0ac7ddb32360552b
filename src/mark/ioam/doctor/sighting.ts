/** Where packets were seen, and which of several paths that is. */
import type { InterfaceFacts, OpenNode } from "./node-facts.ts";
import type { Path } from "./path.ts";
import type { SeenPacket } from "./seen-packet.ts";

/** Before a node did anything, or after all. */
export type Side = "in" | "out";

/** A packet at an interface. */
export interface PlacedPacket {
  readonly node: OpenNode;
  readonly device: InterfaceFacts;
  readonly side: Side;
  readonly packet: SeenPacket;
}

/** A packet at one place of a path. */
export interface Sighting {
  /** Which of the path's nodes. */
  readonly hop: number;
  readonly side: Side;
  readonly packet: SeenPacket;
}

/** What was seen of a packet, along the path that it took. */
export interface Seen {
  readonly path: Path;
  /** In the order of the path. */
  readonly sightings: readonly Sighting[];
}

/** Of the paths, the first of those on which the packet was seen most often. */
export const seenOn = (paths: readonly Path[], packets: readonly PlacedPacket[]): Seen => {
  const [first, ...others] = paths.map((path) => ({ path, sightings: along(path, packets) }));
  if (first === undefined) throw new RangeError("no path");
  return others.reduce((best, one) => (one.sightings.length > best.sightings.length ? one : best), first);
};

const along = ({ hops }: Path, packets: readonly PlacedPacket[]): Sighting[] =>
  packets
    .flatMap(({ node, device, side, packet }): Sighting[] => {
      const hop = hops.findIndex((one) => one.node === node && placeOf(one, side)?.index === device.index);
      return hop < 0 ? [] : [{ hop, side, packet }];
    })
    .toSorted((a, b) => a.hop - b.hop || (a.side === b.side ? 0 : a.side === "in" ? -1 : 1));

/** The interface that packets pass on that side of a node. */
export const placeOf = ({ ingress, egress }: Path["hops"][number], side: Side): InterfaceFacts | null =>
  side === "in" ? ingress : egress;
