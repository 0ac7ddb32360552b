import { writeSync } from "node:fs";
import type { Message } from "../places.ts";

/** Tells the host, through the results' serial line. */
export const say = (message: Message, fd = 1): void => {
  writeSync(fd, `${JSON.stringify(message)}\n`);
};
