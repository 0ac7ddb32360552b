/** What became of a trace at an IOAM node: each is counted under exactly one of these; a header may carry several. */
export const Outcome = {
  /** The node's entry was written. */
  Filled: 0,
  /** A Hop-by-Hop header without an IOAM option. */
  NoOption: 1,
  /** An IOAM option that is neither a pre-allocated trace nor Edge-to-Edge. */
  NotATrace: 2,
  /** The trace's namespace is not one of this node's. */
  NamespaceUnknown: 3,
  /** An earlier node found no room. */
  OverflowSet: 4,
  /** No room here: the overflow flag was set. */
  NoRoom: 5,
  /** An Edge-to-Edge option: for the last node alone. */
  EdgeToEdge: 6,
  /** The option does not start at a multiple of 4: dropped. */
  Misaligned: 7,
  /** The option ends before its data does: dropped. */
  Truncated: 8,
  /** The node length is not what the trace type says: dropped. */
  WrongNodeLength: 9,
  /** Not counted: the rules so far allow the trace to be filled. */
  Ready: 10,
} as const;

/** Outcomes from this one on drop the packet, as the kernel's own nodes do. */
export const FIRST_DROPPED = Outcome.Misaligned;

export const outcomeNames: readonly string[] = [
  "filled",
  "noOption",
  "notATrace",
  "namespaceUnknown",
  "overflowSet",
  "noRoom",
  "edgeToEdge",
  "misaligned",
  "truncated",
  "wrongNodeLength",
];
