import { encapCommand } from "../ioam-set/encap-command.ts";

export const ioamEncapReplace = encapCommand("replace");
