/** Addresses: fields, variables, constants. */
import type { AddressFamily } from "../../../src/wire/layout.ts";
import { helperCall } from "./calls.ts";
import { anyPlace, isFamily, readText } from "./places.ts";
import type { Writing } from "./writing.ts";

const constants: Readonly<Record<AddressFamily, readonly string[]>> = {
  mac: ["02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"],
  ipv4: ["10.0.0.1", "192.168.255.255", "0.0.0.0", "255.255.255.255"],
  ipv6: ["db01::1", "::", "fe80::1:2:3:4", "::ffff:10.0.0.1"],
};

/** A family that something in reach has, if any does. */
export const anyFamily = (w: Writing): AddressFamily => {
  const inReach = (["mac", "ipv4", "ipv6"] as const).filter((family) =>
    w.scope.variables().some((variable) => variable.kind === "address" && variable.family === family),
  );
  if (inReach.length > 0 && w.random.chance(0.5)) return w.random.pick(inReach);
  const place = anyPlace(w, (type) => type.kind === "address");
  return place?.type.kind === "address" ? place.type.family : w.random.pick(["mac", "ipv4", "ipv6"]);
};

export const address = (w: Writing, family: AddressFamily, depth = 1): string => {
  const { random } = w;
  const variables = w.scope.variables().filter((variable) => variable.kind === "address" && variable.family === family);
  if (variables.length > 0 && random.chance(0.3)) return random.pick(variables).name;
  if (depth > 0 && random.chance(0.1)) {
    return `(${w.expressions.condition(w, 0)} ? ${address(w, family, 0)} : ${address(w, family, 0)})`;
  }
  const call = depth > 0 && w.pure === 0 && random.chance(0.3) ? helperCall(w, family) : null;
  if (call !== null) return call.text;
  if (random.chance(0.75)) {
    const place = anyPlace(w, isFamily(family));
    if (place !== null) return readText(place);
  }
  return `${family}("${random.pick(constants[family])}")`;
};
