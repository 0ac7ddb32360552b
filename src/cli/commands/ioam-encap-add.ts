import { encapCommand } from "../ioam-set/encap-command.ts";

export const ioamEncapAdd = encapCommand("add");
