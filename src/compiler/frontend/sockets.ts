/** The socket of a context: a pointer that the kernel follows in the program's stead. */
import { SocketLayout } from "../../kernel/socket.ts";
import type { ContextSocket } from "../program-types/program-type.ts";
import type { Node } from "../ssa/ir.ts";
import { bind, branch, jump, Label } from "./flow.ts";
import { Helper } from "./intrinsics/helper.ts";
import { loadBytes } from "./memory.ts";
import type { Unit } from "./unit.ts";
import { contextRegion, nullValue, type Region, type Value, type ViewValue } from "./values.ts";

/** Others change it while the program runs. Each field is read as the 32 bits that `struct bpf_sock` has it in, or fewer. */
const socketRegion: Region = { space: "btf", key: { name: "socket" }, epoch: null, writable: false, widest: 4 };

const viewOf = (pointer: Node): ViewValue => ({
  kind: "view",
  layout: SocketLayout,
  region: socketRegion,
  pointer,
  offset: 0,
  nullable: "zero",
});

export const readSocket = (unit: Unit, { offset, isFull }: ContextSocket): Value => {
  const pointer = loadBytes(unit, contextRegion, unit.builder.context, offset, 8);
  return isFull ? viewOf(pointer) : fullSocket(unit, pointer);
};

/** The whole socket behind one of which the verifier lets programs read only what requests and remains have too. */
const fullSocket = (unit: Unit, pointer: Node): Value => {
  const known = unit.builder.state.get(unit.answers, pointer);
  if (known !== undefined) return viewOf(known);
  const { builder } = unit;
  const [absent, present, end] = [new Label(unit), new Label(unit), new Label(unit)];
  branch(
    unit,
    { condition: "eq", left: pointer, right: builder.constant(0), width: 64, whenTrue: [], whenFalse: [] },
    absent,
    present,
  );
  bind(unit, present);
  jump(unit, end, viewOf(builder.call(Helper.skFullsock, [pointer])));
  bind(unit, absent);
  jump(unit, end, nullValue);
  const full = bind(unit, end);
  if (full.kind !== "view") throw new Error("a view or null is a view that may be null");
  // So that a second look at the context's socket finds what the first proved of it.
  builder.state.set(unit.answers, pointer, full.pointer);
  return full;
};
