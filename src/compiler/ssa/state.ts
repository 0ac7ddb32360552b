/**
 * What is known at one point of the program: variables' values, memory already read, facts proved by branches, and
 * expressions already computed. One log records every change, so leaving a branch undoes what held only inside it,
 * and joining branches compares only what they changed: both cost what was changed, not what is known.
 */

/** How a table behaves where several branches join. */
export type Joining =
  | "merge" // differing values are merged by the caller (variables)
  | "agree" // an entry survives when all branches agree
  | "drop"; // an entry survives only what all branches shared before they parted

export class Table<K, V> {
  readonly joining: Joining;
  readonly entries = new Map<K, V>();

  constructor(joining: Joining) {
    this.joining = joining;
  }
}

type AnyTable = Table<unknown, unknown>;

export interface Change {
  readonly table: AnyTable;
  readonly key: unknown;
  readonly before: unknown;
  readonly after: unknown;
}

const put = (table: AnyTable, key: unknown, value: unknown): void => {
  if (value === undefined) table.entries.delete(key);
  else table.entries.set(key, value);
};

export class State {
  readonly #log: Change[] = [];

  get<K, V>(table: Table<K, V>, key: K): V | undefined {
    return table.entries.get(key);
  }

  /** `undefined` removes the entry. */
  set<K, V>(table: Table<K, V>, key: K, value: V | undefined): void {
    this.#log.push({ table: table as AnyTable, key, before: table.entries.get(key), after: value });
    put(table as AnyTable, key, value);
  }

  /** Removes every entry for which `test` holds. */
  removeWhere<K, V>(table: Table<K, V>, test: (key: K, value: V) => boolean): void {
    for (const [key, value] of table.entries) if (test(key, value)) this.set(table, key, undefined);
  }

  mark(): number {
    return this.#log.length;
  }

  since(mark: number): Change[] {
    return this.#log.slice(mark);
  }

  /** What a key held when `mark` was taken. */
  valueBefore<K, V>(table: Table<K, V>, key: K, mark: number): V | undefined {
    for (let at = mark; at < this.#log.length; at++) {
      const change = this.#log[at] as Change;
      if (change.table === (table as AnyTable) && change.key === key) return change.before as V | undefined;
    }
    return table.entries.get(key);
  }

  undo(mark: number): void {
    for (let at = this.#log.length - 1; at >= mark; at--) {
      const { table, key, before } = this.#log[at] as Change;
      put(table, key, before);
    }
    this.#log.length = mark;
  }

  replay(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#log.push(change);
      put(change.table, change.key, change.after);
    }
  }
}

/** How many changes, from the first on, all branches share: those were made before they parted. */
export const sharedPrefix = (branches: readonly (readonly Change[])[]): number => {
  const [first, ...others] = branches;
  if (first === undefined) return 0;
  let length = 0;
  while (length < first.length && others.every((other) => other[length] === first[length])) length++;
  return length;
};

/** The last value that `changes` gave each key of each table. */
export const finalValues = (changes: readonly Change[]): Map<object, Map<unknown, unknown>> => {
  const tables = new Map<object, Map<unknown, unknown>>();
  for (const { table, key, after } of changes) {
    let values = tables.get(table);
    if (values === undefined) tables.set(table, (values = new Map()));
    values.set(key, after);
  }
  return tables;
};
