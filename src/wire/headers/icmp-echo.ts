/** What ICMP and ICMPv6 have alike. */
import { be16, header } from "../layout.ts";

/** The body of echo requests and replies. */
export const IcmpEcho = header("IcmpEcho", "RFC 792; RFC 4443, section 4", { identifier: be16, sequence: be16 });
