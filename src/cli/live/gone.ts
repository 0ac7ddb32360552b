import type { HopmarkError } from "../../errors.ts";

const LOOK_MS = 250;

export interface GoneWatch {
  /** Is rejected when it has gone, or when looking fails. A part of `untilEnd`. */
  readonly failed: Promise<never>;
  /** Looks no more. */
  close(): void;
}

/** Looks a few times a second whether what a live command is about is there: nothing comes by any more when it has gone. */
export const watchGone = (isGone: () => boolean, error: () => HopmarkError): GoneWatch => {
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      try {
        if (isGone()) reject(error());
      } catch (failure) {
        reject(failure);
      }
    }, LOOK_MS);
  });
  return { failed, close: () => clearInterval(timer) };
};
