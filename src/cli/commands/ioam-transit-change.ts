import { transitCommand } from "../ioam-set/transit-command.ts";

export const ioamTransitChange = transitCommand("change");
