/** What sockets carry. */
import { socket, viewOf, whenPresent } from "./packets.ts";
import type { ViewVariable } from "./scope.ts";
import type { Writing } from "./writing.ts";

type Body = (w: Writing) => void;

/** Sockets that can be asked for what they carry. */
export const socketsOf = (w: Writing): ViewVariable[] =>
  w.carried === null ? [] : w.scope.views().filter(({ shape }) => shape === socket);

export const storageStatement = (w: Writing, body: Body): void => {
  const { random, carried } = w;
  if (carried === null) throw new Error("unreachable: asked before");
  const of = random.pick(socketsOf(w)).name;
  if (w.mayMoveElements(carried) && random.chance(0.25)) {
    const name = w.name("c");
    w.elementsMove(carried);
    w.line(`const ${name} = ${carried.name}.delete(${of});`);
    return w.scope.declare({ kind: "boolean", name, assignable: false });
  }
  const name = w.name("k");
  const options = random.pick(["", ", {}", ", { create: false }", ", { create: true }", ", { create: true }"]);
  w.line(`const ${name} = ${carried.name}.get(${of}${options});`);
  whenPresent(w, [{ ...viewOf(w, name, carried.value, "map"), map: carried }], body);
};
