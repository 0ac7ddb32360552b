/** Programs for what members can be read like: by index, by way of casts, where ways meet. They look at the process that runs. */
import {
  array,
  cast,
  chars,
  copyString,
  currentPid,
  hashMap,
  iterator,
  probeRead,
  ringBuffer,
  struct,
  tracepoint,
  u32,
  u64,
  u8,
  variable,
} from "../../src/kernel/index.ts";

export const Seen = struct("seen", {
  letters: array(u8, 4),
  name: chars(16),
  direct: u32,
  copied: u32,
  parent: u32,
  either: u32,
  start: u64,
  text: u32,
});
export const seen = ringBuffer({ bytes: 1 << 16, name: "seen" });
export const pid = variable(u32, 0, { name: "pid" });
export const index = variable(u32, 0, { name: "index" });

export const look = tracepoint("sched_switch", (_preempt, previous, next) => {
  if (currentPid() !== pid.value || previous.pid !== previous.tgid) return;
  const at = index.value & 15;
  const record = seen.reserve(Seen);
  if (record === null) return;
  record.letters[0] = previous.comm[0]!;
  record.letters[1] = previous.comm[1]!;
  record.letters[2] = previous.comm[at]!;
  record.letters[3] = at < 8 ? previous.comm[at + 8]! : 0;
  record.text = copyString(record, "name", previous.comm) ? 1 : 0;
  record.direct = previous.tgid;
  record.copied = cast("task_struct", previous).tgid;
  record.parent = previous.real_parent?.tgid ?? 0;
  // One object or another, and one that may be missing.
  const either = at === 3 ? previous : next;
  const parent = at === 3 ? either.real_parent : null;
  record.either = parent === null ? either.tgid : parent.tgid;
  record.start = previous.start_time;
  seen.submit(record);
});

export const reasons = variable(u32, 0, { name: "reasons" });

/** Nothing says that the socket is there, and it may not be. */
export const unchecked = tracepoint("kfree_skb", (_skb, _location, _reason, socket) => {
  reasons.value = socket.__sk_common.skc_family;
});

export const checked = tracepoint("kfree_skb", (_skb, _location, _reason, socket) => {
  if (socket === null) return;
  reasons.value = socket.__sk_common.skc_family;
});

export const Pair = struct("pair", { key: u32, value: u32 });
export const numbers = hashMap(u32, u32, { entries: 8, name: "numbers" });
const Word = struct("word", { word: u32 });

/** The elements of a map that user space chooses: keys and values have no type there. */
export const elements = iterator("bpf_map_elem", (ctx) => {
  const { key, value } = ctx;
  if (key === null || value === null) return;
  const from = probeRead(Word, key);
  const to = probeRead(Word, value);
  if (from === null || to === null) return;
  ctx.write(Pair, { key: from.word, value: to.word });
});

/** Brings the map along, for the test to write to. */
export const mentions = tracepoint("sched_process_exit", () => {
  numbers.update(0, { value: 0 });
});
