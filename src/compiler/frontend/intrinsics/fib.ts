/** `ctx.fibLookup`: the kernel's structure on the stack, filled, given to the helper, and shown as a view. */
import { TcContext, XdpContext } from "../../../kernel/context.ts";
import { EnvironmentRoute } from "../../../kernel/environment.ts";
import { FIB_BYTES, FIB_CODE_OFFSET, fibFamilies, fibQueries, fibRoutes } from "../../../kernel/fib-layouts.ts";
import type { Layout } from "../../../wire/layout.ts";
import { instead } from "../../nearest.ts";
import { commonFamily } from "../addresses.ts";
import { partOf } from "../blame.ts";
import { contextMember } from "../context.ts";
import { readField, writeField, writeStruct } from "../fields.ts";
import { forget, storeBytes } from "../memory.ts";
import type { Unit } from "../unit.ts";
import { isStatic, statik, type Value, type ViewValue } from "../values.ts";
import { environmentView } from "./environment.ts";
import { Helper } from "./helper.ts";
import {
  argument,
  kernelCall,
  numberArgument,
  wrongArgument,
  type IntrinsicCall,
  type IntrinsicEntry,
} from "./intrinsic.ts";
import { stackRegion } from "./stack.ts";

const apply = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const { family, fields } = queryOf(call);
  const slot = builder.newSlot(fibRoutes[family].size, "a route looked up");
  const pointer = builder.slotPointer(slot);
  const region = stackRegion(slot);
  const at = (layout: Layout): ViewValue => ({ kind: "view", layout, region, pointer, offset: 0, nullable: null });
  writeStruct(unit, at(fibQueries[family]), { kind: "object", fields });
  const route = at(fibRoutes[family]);
  const flags = call.args[1] === undefined ? builder.constant(0) : numberArgument(call, 1, "the flags").node;
  const answers = environmentView(unit, "route", EnvironmentRoute);
  if (answers !== null) {
    copyAnswer(unit, answers, route, family);
    return route;
  }
  const code = builder.call(Helper.fibLookup, [builder.context, pointer, builder.constant(FIB_BYTES), flags]);
  forget(unit, region);
  storeBytes(unit, region, pointer, FIB_CODE_OFFSET, 4, code);
  return route;
};

interface Query {
  readonly family: "ipv4" | "ipv6";
  readonly fields: ReadonlyMap<string, Value>;
}

const queryOf = (call: IntrinsicCall): Query => {
  const { unit } = call;
  const given = argument(call, 0, "the query");
  const fields = new Map<string, Value>();
  if (given.kind === "object") {
    for (const [name, value] of given.fields) fields.set(name, value);
  } else if (isStatic(given) && typeof given.value === "object" && given.value !== null) {
    for (const [name, value] of Object.entries(given.value)) fields.set(name, statik(value));
  } else {
    return wrongArgument(
      call,
      0,
      "an object that says source and destination",
      "write { source: ip.source, destination: ip.destination }",
    );
  }
  const addresses = ["source", "destination"].map((name) => fields.get(name) ?? statik(undefined));
  const family = commonFamily(addresses);
  if (family !== "ipv4" && family !== "ipv6")
    return unit.refuse(
      "HM1007",
      "a query has a source and a destination of one family, IPv4 or IPv6; take both from one header, or write both with ipv4() or ipv6()",
    );
  const layout = fibQueries[family];
  const unknown = [...fields.keys()].find((name) => !layout.fields.some((field) => field.name === name));
  if (unknown !== undefined)
    return unit.refuse(
      "HM1007",
      `a query over ${family === "ipv4" ? "IPv4" : "IPv6"} has no ${unknown}${instead(
        unknown,
        layout.fields.map(({ name }) => name),
      )}`,
      partOf(call.places[0] ?? null, unknown) ?? call.node,
    );
  if (!fields.has("ifindex") && call.receiver.kind === "context")
    fields.set("ifindex", contextMember(unit, call.receiver, "ifindex") ?? statik(0));
  for (const { name } of layout.fields) if (!fields.has(name)) fields.set(name, statik(0));
  fields.set("family", statik(fibFamilies[family]));
  return { family, fields };
};

const copyAnswer = (unit: Unit, from: ViewValue, to: ViewValue, family: "ipv4" | "ipv6"): void => {
  for (const { name } of EnvironmentRoute.fields) {
    if (!name.startsWith("nextHop")) writeField(unit, to, name, readField(unit, from, name));
  }
  const nextHop = readField(unit, from, family === "ipv4" ? "nextHop4" : "nextHop6");
  if (family === "ipv4") writeField(unit, to, "nextHop6", statik("::"));
  writeField(unit, to, "nextHop", nextHop);
};

export const fibIntrinsics: readonly IntrinsicEntry[] = [XdpContext, TcContext].map(({ prototype }) =>
  kernelCall(prototype.fibLookup, apply),
);
