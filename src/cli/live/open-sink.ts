import { openSink, type OpenSink, type Target } from "../../mark/ioam/control.ts";
import { lockFeature } from "./reader-lock.ts";

/** Opens a sink as its only reader. ConfigError when there is none, HopmarkError `busy` when another process reads it. */
export const openSinkAlone = (target: Target): OpenSink => {
  const sink = openSink(target);
  try {
    const lock = lockFeature("ioam-sink", sink.device, target.netns);
    const close = (): void => {
      lock.close();
      sink.close();
    };
    return { ...sink, close };
  } catch (error) {
    sink.close();
    throw error;
  }
};
