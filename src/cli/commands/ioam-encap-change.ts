import { encapCommand } from "../ioam-set/encap-command.ts";

export const ioamEncapChange = encapCommand("change");
