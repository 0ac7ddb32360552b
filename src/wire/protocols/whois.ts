/** WHOIS (RFC 3912): a question, and the lines of the answer. */
import { textProtocol } from "./text-lines.ts";

export const whois = textProtocol({ name: "whois", title: "WHOIS", tcpPorts: [43] });
