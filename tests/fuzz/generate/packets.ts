/** Views of the packet, the context's fields and methods, and moving the packet's ends. */
import { numberWithin } from "./number-text.ts";
import { number } from "./numbers.ts";
import { leaveFunction, redirectCall } from "./branches.ts";
import { breakOut } from "./labels.ts";
import { leaveLoop } from "./loops.ts";
import { anyBigint } from "./bigints.ts";
import { condition } from "./conditions.ts";
import { declare, declareNumber } from "./declarations.ts";
import { TARGETS } from "./parts.ts";
import { isWithin, U32_MAX } from "./interval.ts";
import type { FieldKind, Shape } from "./shapes.ts";
import type { ViewVariable } from "./scope.ts";
import { fieldValues } from "./records.ts";
import { storedInteger } from "./stored.ts";
import type { Writing } from "./writing.ts";

type Body = (w: Writing) => void;

export const packetView = (w: Writing, body: Body): void => {
  const shape = w.random.pick(w.parts.headers);
  const name = w.name("p");
  if (w.type === "cgroupSkb" && w.random.chance(0.15)) return socketView(w, body);
  if (w.random.chance(0.1)) {
    w.line(`const ${name} = ctx.load(${packetOffset(w)}, ${shape.name});`);
    return whenPresent(w, [viewOf(w, name, shape, "copy")], body);
  }
  const at = (): string => `ctx.packet.at(${shape.name}, ${packetOffset(w)})`;
  if (w.random.chance(0.08)) {
    w.line(`let ${name} = ${at()};`);
    w.line(`if (${condition(w, 1)}) ${name} = ${w.random.chance(0.8) ? at() : "null"};`);
    return whenPresent(w, [viewOf(w, name, shape, "packet")], body);
  }
  const either = w.random.chance(0.08) ? `${condition(w, 1)} ? ${at()} : ${at()}` : at();
  w.line(`const ${name} = ${either};`);
  whenPresent(w, [viewOf(w, name, shape, "packet")], body);
};

export const viewOf = (w: Writing, name: string, shape: Shape, space: ViewVariable["space"]): ViewVariable => ({
  name,
  shape,
  space,
  map: null,
  writable: space !== "packet" || w.type !== "cgroupSkb",
  loopDepth: w.loops,
  stale: false,
});

const u32: Extract<FieldKind, { kind: "number" }> = { kind: "number", range: { low: 0n, high: U32_MAX }, atomic: "no" };
const port: FieldKind = { kind: "number", range: { low: 0n, high: 0xffffn }, atomic: "no" };
const four: FieldKind = { kind: "address", family: "ipv4" };
const six: FieldKind = { kind: "address", family: "ipv6" };

/** `bpf_sock`, of which TEST_RUN fills in family and addresses. */
export const socket: Shape = {
  name: "Socket",
  aligned: false,
  fields: [
    ...["family", "type", "protocol", "priority", "localPort", "state"].map((name) => ({ name, type: u32 })),
    { name: "remotePort", type: port },
    ...["localIpv4", "remoteIpv4"].map((name) => ({ name, type: four })),
    ...["localIpv6", "remoteIpv6"].map((name) => ({ name, type: six })),
  ],
  bytes: 76,
  text: "",
};

const socketView = (w: Writing, body: Body): void => {
  const name = w.name("s");
  w.line(`const ${name} = ctx.socket;`);
  whenPresent(w, [{ ...viewOf(w, name, socket, "copy"), writable: false }], body);
};

/** Tests views against null in one of the ways people do; they are in reach where they are present. */
export const whenPresent = (w: Writing, views: readonly ViewVariable[], body: Body): void => {
  const { random } = w;
  const show = (): void => views.forEach((view) => w.scope.show(view));
  for (const view of views) w.scope.showUntested(view);
  if (random.chance(0.2)) declare(w);
  const absent = views.map(({ name }) => `${name} === null`).join(" || ");
  const present = views.map(({ name }) => `${name} !== null`).join(" && ");
  const names = views.map(({ name }) => name).join(" && ");
  if (w.noExit === 0 && random.chance(0.55)) {
    w.line(`if (${absent}) ${leaveSomehow(w)};`);
    show();
    // Narrowing by a condition that reads the view just proved.
    if (random.chance(0.15)) w.line(`if (${condition(w, 2)}) ${leaveFunction(w)};`);
    return;
  }
  random.weighted<() => void>([
    [5, () => w.block(`if (${present}) {`, "}", () => (show(), body(w)))],
    [1, () => w.block(`if (${names}) {`, "}", () => (show(), body(w)))],
    [2, () => withElse(w, absent, show, body)],
    [2, () => alsoWhen(w, present, show, body)],
    [1, () => byBoolean(w, present, show, body)],
  ])();
};

const leaveSomehow = (w: Writing): string => {
  if (w.labels.length > 0 && w.random.chance(0.3)) return breakOut(w);
  return w.loops > 0 && w.random.chance(0.3) ? leaveLoop(w) : leaveFunction(w);
};

const withElse = (w: Writing, absent: string, show: () => void, body: Body): void => {
  w.block(`if (${absent}) {`, "}", () => body(w));
  w.block("else {", "}", () => (show(), body(w)));
};

const alsoWhen = (w: Writing, present: string, show: () => void, body: Body): void => {
  w.scope.push();
  show();
  const test = condition(w, 2);
  w.scope.pop();
  w.block(`if (${present} && ${test}) {`, "}", () => (show(), body(w)));
};

const byBoolean = (w: Writing, present: string, show: () => void, body: Body): void => {
  const name = w.name("c");
  w.line(`const ${name} = ${present};`);
  w.block(`if (${name}) {`, "}", () => (show(), body(w)));
};

/** Constant, or computed with a range that can be proven. */
export const packetOffset = (w: Writing): string => {
  const { random } = w;
  if (random.chance(0.55))
    return String(random.pick([0, 0, 6, 12, 14, 14, 14, 18, 22, 34, 54, random.below(80), 1000]));
  const proven = w.scope
    .variables()
    .filter(
      (variable) => variable.kind === "number" && !variable.wrapped && isWithin(w.scope.rangeOf(variable), 0n, 2000n),
    );
  if (proven.length > 0 && random.chance(0.5)) {
    const { name } = random.pick(proven);
    return random.chance(0.5) ? name : `${name} + ${random.pick([2, 4, 8, 14, 40])}`;
  }
  w.pure++;
  const value = numberWithin(w, 0n, random.pick([3n, 15n, 31n, 60n, 63n, 255n, 2000n]), 2);
  w.pure--;
  return random.chance(0.5) ? value.text : `${random.pick([2, 14, 40])} + ${value.text}`;
};

/** Reads or writes the context. */
export const contextStatement = (w: Writing): void => {
  if (w.type === "xdp") return w.hasDevices ? redirect(w) : declareNumber(w);
  const tc = w.type === "tc" ? 1 : 0;
  return w.random.weighted<() => void>([
    [3, () => w.line(`ctx.mark = ${storedInteger(w, u32, 2)};`)],
    [1, () => w.line(`ctx.mark ${w.random.pick(["^", "|", "&"])}= ${number(w, 1).text};`)],
    [2, () => declareNumber(w)],
    [1, () => w.line(`ctx.priority = ${storedInteger(w, u32, 2)};`)],
    [tc, () => w.line(`ctx.queueMapping = ${numberWithin(w, 0n, 0xfffen, 2).text};`)],
    [tc, () => outcome(w, `ctx.fits(${w.random.pick([0, 8, -4, 100, 70_000])})`)],
    [
      tc,
      () =>
        outcome(
          w,
          `ctx.setTimestamp(${anyBigint(w, 2).text}, ${w.random.pick(["0", "1", "SkbClock.Tai", "SkbClock.Tai", "3"])})`,
        ),
    ],
  ])();
};

/** A redirect that nobody follows: the verdict is a number like others. */
const redirect = (w: Writing): void => {
  const call = redirectCall(w);
  const name = w.name("n");
  w.line(`const ${name} = ${call};`);
  w.scope.declare({ kind: "number", name, range: { low: 0n, high: 4n }, assignable: false, wrapped: false });
};

/** Goes on as another program, or not: views of the packet are stale behind it. */
export const tailCall = (w: Writing): void => {
  const index = w.random.chance(0.5) ? String(w.random.below(4)) : numberWithin(w, 0n, 3n, 2).text;
  w.packetMoves();
  w.line(`${TARGETS}.tailCall(ctx, ${index});`);
};

/** Moves an end of the packet, or lets the kernel write into it: all its views become stale. */
export const movePacket = (w: Writing): void => {
  const { random } = w;
  if (w.type === "cgroupSkb") return contextStatement(w);
  const call =
    w.type === "xdp"
      ? random.weighted<() => string>([
          [3, () => `ctx.adjustHead(${random.pick([-4, -8, -20, -40, 4, 14, 20, -300, 2000])})`],
          [2, () => `ctx.adjustTail(${random.pick([-4, -1, -20, 4, 8, 100, -2000])})`],
          [1, () => `ctx.adjustHead(${numberWithin(w, 0n, 31n, 2).text} - 16)`],
          [2, () => storeCall(w)],
        ])()
      : random.weighted<() => string>([
          [
            2,
            () =>
              `ctx.adjustRoom(${random.pick([8, 20, 40, -4, -8, -20])}, Room.${random.pick(["Mac", "Network"])}, ${random.pick(["0", "0", "1", "RoomFlag.EncapL3Ipv6"])})`,
          ],
          [2, () => `ctx.pull(${random.pick([14, 34, 54, 100, 5000])})`],
          [2, () => storeCall(w)],
          [2, () => `ctx.vlanPush(${vlanType(w)}, ${numberWithin(w, 0n, 0xffffn, 2).text})`],
          [3, () => "ctx.vlanPop()"],
          [1, () => `ctx.changeHead(${random.pick([0, 4, 14, -4])})`],
          // With flags that there are not: a copy would really go out.
          [1, () => `ctx.cloneRedirect(1, ${random.pick([2, 4, 8])})`],
        ])();
  w.packetMoves();
  if (random.chance(0.35)) return w.line(`if (!${call}) ${leaveFunction(w)};`);
  outcome(w, call);
};

/** The call alone, or with its answer kept. */
const outcome = (w: Writing, call: string): void => {
  if (w.random.chance(0.5)) return w.line(`${call};`);
  const name = w.name("c");
  w.line(`const ${name} = ${call};`);
  w.scope.declare({ kind: "boolean", name, assignable: false });
};

const vlanType = (w: Writing): string =>
  w.random.chance(0.8) ? w.random.pick(["0x8100", "0x88a8", "0x9100", "0x0800"]) : numberWithin(w, 0n, 0xffffn, 2).text;

const storeCall = (w: Writing): string => {
  const shape = w.random.pick(w.parts.headers);
  return `ctx.store(${packetOffset(w)}, ${shape.name}, ${fieldValues(w, shape)})`;
};

/** `viewInto(view, "f1", H0, offset)`: a header amid the bytes of an array. */
export const viewWithin = (w: Writing, body: Body): void => {
  const choices = w.scope
    .views()
    .flatMap((view) =>
      view.shape.fields.flatMap(({ name: field, type }) =>
        type.kind === "array" && type.bytes !== null
          ? w.parts.headers
              .filter(({ bytes }) => bytes <= (type.bytes ?? 0))
              .map((shape) => ({ view, field, shape, room: (type.bytes ?? 0) - shape.bytes }))
          : [],
      ),
    );
  if (choices.length === 0) return declareNumber(w);
  const { view, field, shape, room } = w.random.pick(choices);
  const name = w.name("v");
  const at = w.random.chance(0.3) ? String(w.random.between(0, room)) : numberWithin(w, 0n, BigInt(room), 2).text;
  w.line(`const ${name} = viewInto(${view.name}, "${field}", ${shape.name}, ${at});`);
  const within = { ...view, name, shape, loopDepth: w.loops };
  if (w.random.chance(0.7)) return w.scope.show(within);
  w.block("{", "}", () => (w.scope.show(within), body(w)));
};

/** Arrays that packet bytes can be copied into. */
export const loadTargets = (w: Writing): readonly LoadTarget[] =>
  w.scope
    .views()
    .filter(({ space }) => space === "map" || space === "ring")
    .flatMap(({ name, shape }) =>
      shape.fields.flatMap(({ name: field, type }) =>
        type.kind === "array" && type.element.kind === "number" ? [{ name, field, length: type.length }] : [],
      ),
    );

interface LoadTarget {
  readonly name: string;
  readonly field: string;
  readonly length: number;
}

/** `ctx.loadInto(view, "f1", offset, length)`: packet bytes into an array of a map's value or a record. */
export const loadInto = (w: Writing, targets: readonly LoadTarget[]): void => {
  const { name, field, length } = w.random.pick(targets);
  const most = BigInt(length);
  const bytes = w.random.chance(0.5) ? String(w.random.between(1, length)) : numberWithin(w, 1n, most, 1).text;
  outcome(w, `ctx.loadInto(${name}, "${field}", ${packetOffset(w)}, ${bytes})`);
};
