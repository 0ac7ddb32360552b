/** Views that may be null, for `?.` and `??`. */
import { lookupCall } from "./maps.ts";
import { packetOffset, socket } from "./packets.ts";
import type { Shape } from "./shapes.ts";
import type { Writing } from "./writing.ts";

interface Untested {
  readonly text: string;
  readonly shape: Shape;
}

/** One in reach, or the call that gives one. */
export const untested = (w: Writing): Untested | null => {
  const { random } = w;
  const known = w.scope.untested();
  return random.weighted<() => Untested | null>([
    [1, () => null],
    [known.length * 4, () => ofVariable(random.pick(known))],
    [w.parts.maps.length, () => ofMap(w)],
    [w.hasContext ? 1 : 0, () => ofPacket(w)],
    [w.hasContext && w.type === "cgroupSkb" ? 1 : 0, () => ({ text: "ctx.socket", shape: socket })],
  ])();
};

const ofVariable = ({ name, shape }: { readonly name: string; readonly shape: Shape }): Untested => ({
  text: name,
  shape,
});

const ofMap = (w: Writing): Untested => {
  const map = w.random.pick(w.parts.maps);
  return { text: lookupCall(w, map), shape: map.value };
};

const ofPacket = (w: Writing): Untested => {
  const shape = w.random.pick(w.parts.headers);
  return { text: `ctx.packet.at(${shape.name}, ${packetOffset(w)})`, shape };
};
