/**
 * Live views: objects whose properties read and write bytes in place, as a pointer to a struct does in the kernel. One
 * class a layout, made when the first view of it is.
 */
import type { Field, Layout } from "../../wire/layout.ts";
import { accessOf, type Place } from "./access.ts";
import type { Memory } from "./memory.ts";

export interface ViewState extends Place {
  readonly layout: Layout;
  /** Bytes from the memory's start to the view's. */
  readonly offset: number;
}

/** A view of `layout` at byte `offset` of `memory`, good for the memory's present generation unless told otherwise. */
export const view = (layout: Layout, memory: Memory, offset: number, generation = memory.generation): object => {
  let Class = classes.get(layout);
  if (Class === undefined) {
    Class = classOf(layout);
    classes.set(layout, Class);
  }
  return new Class({ layout, memory, offset, generation });
};

/** What a view looks at. Throws a TypeError for other objects. */
export const stateOf = (object: object): ViewState => View.stateOf(object);

/** The bytes of a view, checked to be live. */
export const liveBytes = (object: object): Uint8Array => {
  const { memory, offset, layout, generation } = View.stateOf(object);
  if (generation !== memory.generation) throw memory.stale(layout.name);
  return memory.bytes.subarray(offset, offset + layout.size);
};

/** The field of a view with this name, checked to be live. */
export const liveField = (object: object, name: string): { readonly state: ViewState; readonly field: Field } => {
  const state = View.stateOf(object);
  const field = state.layout.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new TypeError(`${state.layout.name} has no field ${name}`);
  check(state, field);
  return { state, field };
};

class View {
  readonly #state: ViewState;

  constructor(state: ViewState) {
    this.#state = state;
  }

  static stateOf(object: object): ViewState {
    if (!(#state in object)) throw new TypeError("not a view of packet, map or record memory");
    return object.#state;
  }
}

const classes = new WeakMap<Layout, typeof View>();

const check = (state: ViewState, field: Field): void => {
  if (state.generation !== state.memory.generation) throw state.memory.stale(`${state.layout.name}.${field.name}`);
};

const classOf = (layout: Layout): typeof View => {
  const Class = class extends View {};
  for (const field of layout.fields) {
    const access = accessOf(field.type, view);
    Object.defineProperty(Class.prototype, field.name, {
      enumerable: true,
      get(this: View): unknown {
        const state = View.stateOf(this);
        check(state, field);
        return access.read(state, state.offset * 8 + field.bitOffset);
      },
      set(this: View, value: unknown) {
        const state = View.stateOf(this);
        check(state, field);
        state.memory.mustBeWritable(`${layout.name}.${field.name}`);
        access.write(state, state.offset * 8 + field.bitOffset, value);
      },
    });
  }
  return Class;
};
