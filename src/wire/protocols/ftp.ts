/** FTP (RFC 959), its control connection: commands and answers, a line each. */
import { textProtocol } from "./text-lines.ts";

export const ftp = textProtocol({ name: "ftp", title: "FTP", tcpPorts: [21] });
