/** HTTP/1: requests and responses by their first line. */
import { textProtocol } from "./text-lines.ts";

/** Of RFC 9110, WebDAV (RFC 4918, RFC 3253), and what others added. */
const methods = new Set(
  (
    "GET PUT COPY HEAD LOCK MOVE POLL POST BCOPY BMOVE MKCOL TRACE LABEL MERGE DELETE SEARCH UNLOCK REPORT UPDATE NOTIFY " +
    "BDELETE CONNECT OPTIONS CHECKIN PROPFIND CHECKOUT CCM_POST SUBSCRIBE PROPPATCH BPROPFIND BPROPPATCH UNCHECKOUT " +
    "MKACTIVITY MKWORKSPACE UNSUBSCRIBE RPC_CONNECT VERSION-CONTROL BASELINE-CONTROL"
  ).split(" "),
);

export const http = textProtocol({ name: "http", title: "HTTP", tcpPorts: [80, 8080], words: methods });
