/** SMTP (RFC 5321): commands and answers, a line each. */
import { textProtocol } from "./text-lines.ts";

export const smtp = textProtocol({ name: "smtp", title: "SMTP", tcpPorts: [25] });
