import { sinkCommand } from "../ioam-set/sink-command.ts";

export const ioamSinkChange = sinkCommand("change");
