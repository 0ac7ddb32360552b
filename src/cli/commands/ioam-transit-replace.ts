import { transitCommand } from "../ioam-set/transit-command.ts";

export const ioamTransitReplace = transitCommand("replace");
