/** RTSP (RFC 2326): requests and responses by their first line. */
import { textProtocol } from "./text-lines.ts";

const methods = new Set(
  "OPTIONS DESCRIBE ANNOUNCE SETUP PLAY PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER REDIRECT RECORD".split(" "),
);

export const rtsp = textProtocol({ name: "rtsp", title: "RTSP", tcpPorts: [554, 8554], words: methods });
