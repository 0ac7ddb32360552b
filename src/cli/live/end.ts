import { hungUp } from "../../linux/hang-up.ts";

const STDOUT = 1;
const LOOK_MS = 250;

/**
 * When a live command ends: when it is told to, after its time, when a part of it ends by itself, or when nobody is left to
 * read what it prints, even if it has nothing to print.
 */
export const untilEnd = async (
  signal: AbortSignal,
  seconds: number | undefined,
  parts: readonly Promise<unknown>[] = [],
  isUnread: () => boolean = () => hungUp(STDOUT),
): Promise<void> => {
  const done = new AbortController();
  const told = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true, signal: done.signal });
  });
  let timer: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  const unread = new Promise<void>((resolve) => {
    looking = setInterval(() => {
      if (isUnread()) resolve();
    }, LOOK_MS);
  });
  const over = new Promise<void>((resolve) => {
    // Without a time it waits for ever; a timer also keeps the process alive meanwhile.
    timer = seconds === undefined ? setInterval(() => {}, 1 << 30) : setTimeout(resolve, seconds * 1000);
  });
  try {
    await Promise.race([told, over, unread, ...parts]);
  } finally {
    clearTimeout(timer);
    clearInterval(looking);
    done.abort();
  }
};
