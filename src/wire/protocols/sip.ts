/** SIP (RFC 3261) over UDP: requests and responses by their first line. */
import { textProtocol } from "./text-lines.ts";

const methods = new Set(
  "ACK BYE CANCEL DO INFO INVITE MESSAGE NOTIFY OPTIONS PRACK QAUTH REFER REGISTER SPRACK SUBSCRIBE UPDATE PUBLISH".split(
    " ",
  ),
);

export const sip = textProtocol({ name: "sip", title: "SIP", udpPorts: [5060], words: methods });
