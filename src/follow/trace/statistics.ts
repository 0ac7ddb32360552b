/** What many traces say together: paths, links and nodes, with their delays. Counting a trace allocates nothing. */
import { columnOf, TraceReader } from "../../wire/ioam/trace-reader.ts";
import { FlowStatistics } from "./flow-statistics.ts";
import { Histogram } from "./histogram.ts";
import { HOP_WORDS, hopOfKey, writeHopKey, type HopIdentity } from "./hop-key.ts";
import { KeyTable } from "./key-table.ts";
import { readU16, recordOffsets, recordTimeUs, UNKNOWN_PROTOCOL } from "./record-layout.ts";

/** From one node to the next, by the interfaces that the packets took. */
export class LinkStatistics {
  readonly from: HopIdentity;
  readonly to: HopIdentity;
  packets = 0;
  segments = 0;
  /** Microseconds from the one node's timestamp to the other's, where that is not negative. */
  readonly delaysUs = new Histogram();
  /** Packets that seem to have arrived before they left: the two clocks disagree. They are not in `delaysUs`. */
  negative = 0;
  /** The most negative delay, or 0. */
  worstNegativeUs = 0;
  /** Packets without a timestamp at one of the two nodes. */
  unknown = 0;

  constructor(from: HopIdentity, to: HopIdentity) {
    this.from = from;
    this.to = to;
  }
}

export class NodeStatistics {
  readonly nodeId: string | null;
  packets = 0;
  /** Nanoseconds. */
  readonly transitDelaysNs = new Histogram();
  /** Packets whose transit delay was past 2^31-1 ns; counted in `transitDelaysNs` as 2^31. */
  transitOverflows = 0;
  /** Linux: bytes. */
  readonly queueDepths = new Histogram();

  constructor(nodeId: string | null) {
    this.nodeId = nodeId;
  }
}

/** One sequence of nodes and interfaces. */
export class PathStatistics {
  /** Its place in {@link TraceStatistics.paths}: the first path that was seen is 0. */
  readonly index: number;
  readonly namespaceId: number;
  readonly hops: readonly HopIdentity[];
  /** By hop. */
  readonly nodes: readonly NodeStatistics[];
  /** `links[n]` leads from hop n to hop n + 1. */
  readonly links: readonly LinkStatistics[];
  packets = 0;
  segments = 0;
  /** Packets whose time decreases somewhere along the path. */
  backwards = 0;
  /** Microseconds from the first hop's timestamp to the last one's, where that is not negative. */
  readonly delaysUs = new Histogram();

  constructor(
    index: number,
    namespaceId: number,
    hops: readonly HopIdentity[],
    nodes: readonly NodeStatistics[],
    links: readonly LinkStatistics[],
  ) {
    this.index = index;
    this.namespaceId = namespaceId;
    this.hops = hops;
    this.nodes = nodes;
    this.links = links;
  }
}

const transitColumn = columnOf("transitDelayNs");
const queueColumn = columnOf("queueDepth");
const TRANSIT_OVERFLOW = 2 ** 31;
/** An option has no room for more. */
const MAX_HOPS = 61;
const DEFAULT_PATH_LIMIT = 4096;

export class TraceStatistics {
  readonly paths: PathStatistics[] = [];
  readonly links: LinkStatistics[] = [];
  readonly nodes: NodeStatistics[] = [];
  readonly flows = new FlowStatistics();
  /** Records counted: packets as the sink saw them. */
  packets = 0;
  /** The wire packets that those stand for. */
  segments = 0;
  /** Packets with a trace that some node found full. */
  overflowed = 0;
  /** Packets whose trace asks for copies back to the source (RFC 9322): nobody sends them here. */
  loopback = 0;
  /** Packets whose trace says that they are measurements, not to be delivered (RFC 9322): they are. */
  active = 0;
  /** Packets with a trace that cannot be read; they are in no path. */
  malformed = 0;
  /** Packets of paths past the limit; they are in no path either. */
  pathsBeyondLimit = 0;
  readonly #reader = new TraceReader();
  readonly #pathKeys: KeyTable;
  readonly #linkKeys: KeyTable;
  readonly #nodeKeys: KeyTable;
  readonly #key = new Int32Array(1 + MAX_HOPS * HOP_WORDS);
  /** Of the trace that was just read: the first hop's time, and the last one's less that; -1 when unknown. */
  #firstUs = -1;
  #delayUs = -1;

  /** Traces come from the network: at most `pathLimit` different paths are kept apart. */
  constructor(pathLimit: number = DEFAULT_PATH_LIMIT) {
    this.#pathKeys = new KeyTable(pathLimit);
    this.#linkKeys = new KeyTable(pathLimit * 4);
    this.#nodeKeys = new KeyTable(pathLimit * 4);
  }

  /** Counts the {@link TraceRecord} at `offset`. The bytes are not kept. */
  add(bytes: Uint8Array, offset: number): void {
    const reader = this.#reader;
    const segments = readU16(bytes, offset + recordOffsets.segments);
    this.packets++;
    this.segments += segments;
    const length = readU16(bytes, offset + recordOffsets.traceLength);
    if (!reader.read(bytes, offset + recordOffsets.trace, length)) {
      this.malformed++;
      return;
    }
    if (reader.overflow) this.overflowed++;
    if (reader.loopback) this.loopback++;
    if (reader.active) this.active++;
    const path = this.#path();
    if (path === null) {
      this.pathsBeyondLimit++;
      return;
    }
    path.packets++;
    path.segments += segments;
    this.#addHops(path, segments);
    if (bytes[offset + recordOffsets.protocol] === UNKNOWN_PROTOCOL) return;
    const nowUs = recordTimeUs(bytes, offset);
    const sentUs = this.#firstUs < 0 ? nowUs : this.#firstUs;
    this.flows.add(bytes, offset, path.index, segments, sentUs, this.#delayUs, nowUs);
  }

  #addHops(path: PathStatistics, segments: number): void {
    const reader = this.#reader;
    const { nodes, links } = path;
    let first = -1;
    let previous = -1;
    let backwards = false;
    for (let hop = 0; hop < reader.hopCount; hop++) {
      const node = nodes[hop]!;
      node.packets++;
      const transit = reader.value(hop, transitColumn);
      if (transit >= 0) node.transitDelaysNs.add(transit);
      if (transit >= TRANSIT_OVERFLOW) node.transitOverflows++;
      const queue = reader.value(hop, queueColumn);
      if (queue >= 0) node.queueDepths.add(queue);
      const time = reader.timestampUs(hop);
      if (hop === 0) {
        first = time;
      } else {
        const link = links[hop - 1]!;
        link.packets++;
        link.segments += segments;
        if (previous < 0 || time < 0) {
          link.unknown++;
        } else if (time < previous) {
          link.negative++;
          if (time - previous < link.worstNegativeUs) link.worstNegativeUs = time - previous;
          backwards = true;
        } else {
          link.delaysUs.add(time - previous);
        }
      }
      previous = time;
    }
    if (backwards) path.backwards++;
    this.#firstUs = first;
    this.#delayUs = first >= 0 && previous >= first ? previous - first : -1;
    if (this.#delayUs >= 0) path.delaysUs.add(this.#delayUs);
  }

  /** The path of the trace that was just read; null when it is new and the limit is reached. */
  #path(): PathStatistics | null {
    const reader = this.#reader;
    const key = this.#key;
    key[0] = reader.namespaceId;
    for (let hop = 0; hop < reader.hopCount; hop++) writeHopKey(reader, hop, key, 1 + hop * HOP_WORDS);
    const index = this.#pathKeys.indexOf(key, 1 + reader.hopCount * HOP_WORDS);
    if (index < 0) return null;
    return this.paths[index] ?? this.#addPath(index);
  }

  #addPath(index: number): PathStatistics {
    const key = this.#pathKeys.key(index);
    const starts = Array.from({ length: (key.length - 1) / HOP_WORDS }, (_, hop) => 1 + hop * HOP_WORDS);
    const path = new PathStatistics(
      index,
      key[0] ?? 0,
      starts.map((start) => hopOfKey(key, start)),
      starts.map((start) => this.#node(key, start)),
      starts.slice(1).map((start) => this.#link(key, start)),
    );
    this.paths[index] = path;
    return path;
  }

  #node(key: Int32Array, start: number): NodeStatistics {
    const index = this.#nodeKeys.indexOf(key.subarray(start), 2);
    const fresh = () => new NodeStatistics(hopOfKey(key, start).nodeId);
    return index < 0 ? fresh() : (this.nodes[index] ??= fresh());
  }

  /** The link that leads to the hop at `start`: told by both nodes, the one's egress and the other's ingress. */
  #link(key: Int32Array, start: number): LinkStatistics {
    const [fromHigh = 0, fromLow = 0, , egress = 0] = key.subarray(start - HOP_WORDS, start);
    const [toHigh = 0, toLow = 0, ingress = 0] = key.subarray(start, start + HOP_WORDS);
    const index = this.#linkKeys.indexOf(Int32Array.of(fromHigh, fromLow, egress, toHigh, toLow, ingress), 6);
    const fresh = () => new LinkStatistics(hopOfKey(key, start - HOP_WORDS), hopOfKey(key, start));
    return index < 0 ? fresh() : (this.links[index] ??= fresh());
  }
}
