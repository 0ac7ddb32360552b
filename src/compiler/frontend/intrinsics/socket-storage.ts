/** Values that sockets carry. */
import { SocketLayout } from "../../../kernel/socket.ts";
import { SocketStorage } from "../../../kernel/socket-storage.ts";
import type { Layout } from "../../../wire/layout.ts";
import type { KernelShape, KernelTypes } from "../../kernel-types.ts";
import type { Node } from "../../ssa/ir.ts";
import { addressOf, requireKernelPresent } from "../kernel-memory.ts";
import { kernelTypesOf } from "../kernel-values.ts";
import { isStatic, type KernelValue, type Value } from "../values.ts";
import { requirePresent } from "../views.ts";
import { Helper, succeeded } from "./helper.ts";
import {
  argument,
  blameArgument,
  kernelCall,
  wrongArgument,
  type IntrinsicCall,
  type IntrinsicEntry,
} from "./intrinsic.ts";
import { mapAddress, mapOf } from "./map-receiver.ts";

const CREATE = 1;

const socketOf = (call: IntrinsicCall): Node => {
  const socket = argument(call, 0, "a socket");
  if (socket.kind === "kernel") return kernelSocketOf(call, socket);
  if (socket.kind !== "view" || socket.layout !== SocketLayout)
    return wrongArgument(call, 0, "a socket", "keep ctx.socket in a constant, test it for null, and pass it");
  requirePresent(call.unit, socket);
  return socket.pointer;
};

/** One that a tracepoint or an iterator shows. The verifier follows where its pointer came from. */
const kernelSocketOf = (call: IntrinsicCall, socket: KernelValue): Node => {
  const { unit } = call;
  if (!isSocket(kernelTypesOf(unit), socket.shape))
    return wrongArgument(call, 0, "a socket", "pass a struct sock, or a structure that starts with one");
  if (socket.access !== "direct")
    return unit.refuse(
      "HM1007",
      "the kernel does not take what cast() gave as a socket; pass the object that was cast",
    );
  requireKernelPresent(unit, socket);
  return addressOf(unit, socket.pointer, socket.offset);
};

/** `struct sock_common`, or what has it at its start: `sock`, `inet_sock`, `tcp_sock`, … */
const isSocket = (types: KernelTypes, shape: KernelShape): boolean => {
  if (shape.kind !== "structure") return false;
  const [first] = shape.members;
  return shape.name === "sock_common" || (first !== undefined && isSocket(types, types.shape(first.type)));
};

/** What `{ create }` says. */
const creates = (call: IntrinsicCall): boolean => {
  const [, options] = call.args;
  if (options === undefined) return false;
  blameArgument(call, 1);
  const constant = isStatic(options) ? (options.value as { create?: unknown } | undefined)?.create : undefined;
  const member = options.kind === "object" ? options.fields.get("create") : undefined;
  if (member !== undefined && !isStatic(member))
    return call.unit.refuse(
      "HM1004",
      "whether to create must be known while compiling; write { create: true }, or choose between two calls with an if",
    );
  return (member === undefined ? constant : member.value) === true;
};

const get = (call: IntrinsicCall): Value => {
  const { builder } = call.unit;
  const map = mapOf(call);
  const socket = socketOf(call);
  const none = builder.constant(0);
  const flags = builder.constant(creates(call) ? CREATE : 0);
  const pointer = builder.call(Helper.skStorageGet, [mapAddress(call, map), socket, none, flags]);
  const region = { space: "map", key: map, epoch: null, writable: true } as const;
  return { kind: "view", layout: map.valueLayout as Layout, region, pointer, offset: 0, nullable: "zero" };
};

const remove = (call: IntrinsicCall): Value => {
  const map = mapOf(call);
  const socket = socketOf(call);
  return succeeded(call.unit, call.unit.builder.call(Helper.skStorageDelete, [mapAddress(call, map), socket]));
};

export const socketStorageIntrinsics: readonly IntrinsicEntry[] = [
  kernelCall(SocketStorage.prototype.get, get),
  kernelCall(SocketStorage.prototype.delete, remove),
];
