/** When a live command ends: when it is told to, after its time, or when a part of it ends by itself. */
export const untilEnd = async (
  signal: AbortSignal,
  seconds: number | undefined,
  parts: readonly Promise<unknown>[] = [],
): Promise<void> => {
  const done = new AbortController();
  const told = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true, signal: done.signal });
  });
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    // Without a time it waits for ever; a timer also keeps the process alive meanwhile.
    timer = seconds === undefined ? setInterval(() => {}, 1 << 30) : setTimeout(resolve, seconds * 1000);
  });
  try {
    await Promise.race([told, over, ...parts]);
  } finally {
    clearTimeout(timer);
    done.abort();
  }
};
