import { sinkCommand } from "../ioam-set/sink-command.ts";

export const ioamSinkReplace = sinkCommand("replace");
