/** Layers to packets. */
import { numberOf, protocolNamed, type LayerInput } from "./registry.ts";
import type { Protocol } from "./protocol.ts";

/**
 * The bytes of a packet, outermost layer first. Lengths, next-header numbers and checksums that a layer leaves out are
 * filled in; what it gives is kept, right or wrong, so that decoded layers give back their bytes. Throws an Error when
 * something does not fit its field.
 */
export const encodePacket = (layers: readonly LayerInput[]): Uint8Array => {
  const known = layers.map((layer) => ({ layer, protocol: mustKnow(layer.protocol) }));
  const depths = enclosingLengths(known.map(({ protocol }) => protocol));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let index = known.length - 1; index >= 0; index--) {
    const { layer, protocol } = known[index]!;
    const contents = size - outside(known, depths, chunks, index);
    const next = known[index + 1]?.protocol;
    const chunk = protocol.encode(layer, {
      contents,
      next: (space) => (next === undefined ? undefined : numberOf(next, space)),
    });
    chunks[index] = chunk;
    size += chunk.length;
  }
  const bytes = new Uint8Array(size);
  const offsets: number[] = [];
  let at = 0;
  for (const chunk of chunks) {
    offsets.push(at);
    bytes.set(chunk, at);
    at += chunk.length;
  }
  // Inner checksums first: outer ones cover them.
  for (let index = known.length - 1; index >= 0; index--) {
    const { layer, protocol } = known[index]!;
    const end = size - outside(known, depths, chunks, index);
    protocol.seal?.(layer, bytes, offsets[index]!, end, ipOffset(known, offsets, index));
  }
  return bytes;
};

interface KnownLayer {
  readonly layer: LayerInput;
  readonly protocol: Protocol;
}

const mustKnow = (name: string): Protocol => {
  const protocol = protocolNamed(name);
  if (protocol === undefined) throw new Error(`${name} is not a protocol that can be encoded`);
  return protocol;
};

/** For each layer, how many headers with a length of their own enclose it. */
const enclosingLengths = (protocols: readonly Protocol[]): number[] => {
  let depth = 0;
  return protocols.map((protocol) => (protocol.bounded === true ? depth++ : depth));
};

/** Bytes of the trailers that lie outside the layer's contents: those of its own depth or less, when it has a length. */
const outside = (
  known: readonly KnownLayer[],
  depths: readonly number[],
  chunks: readonly Uint8Array[],
  index: number,
): number => {
  let bytes = 0;
  const bounded = known[index]!.protocol.bounded === true;
  for (let later = index + 1; later < known.length; later++) {
    const { layer } = known[later]!;
    if (layer.protocol !== "trailer") continue;
    const depth = layer.depth ?? 0;
    if (depth < depths[index]! || (bounded && depth === depths[index]!)) bytes += chunks[later]!.length;
  }
  return bytes;
};

const ipOffset = (known: readonly KnownLayer[], offsets: readonly number[], index: number): number => {
  for (let outer = index - 1; outer >= 0; outer--) if (known[outer]!.protocol.network === true) return offsets[outer]!;
  return -1;
};
