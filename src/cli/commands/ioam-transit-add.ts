import { transitCommand } from "../ioam-set/transit-command.ts";

export const ioamTransitAdd = transitCommand("add");
