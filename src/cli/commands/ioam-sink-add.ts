import { sinkCommand } from "../ioam-set/sink-command.ts";

export const ioamSinkAdd = sinkCommand("add");
