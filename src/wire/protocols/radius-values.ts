/** What numbers in RADIUS's attributes stand for. */

export type NumberNames = Readonly<Record<number, string>>;

/** By the attribute's type. */
export const radiusValues: Readonly<Record<number, NumberNames>> = {
  /** Service-Type */
  6: { 1: "Login", 2: "Framed", 3: "Callback Login", 4: "Callback Framed", 5: "Outbound", 6: "Administrative", 7: "NAS Prompt", 8: "Authenticate Only", 9: "Callback NAS Prompt", 10: "Call Check", 11: "Callback Administrative", 12: "Voice", 13: "Fax", 14: "Modem Relay", 15: "IAPP-Register", 16: "IAPP-AP-Check", 17: "Authorize Only", 18: "Framed-Management", 19: "Additional-Authorization" }, // prettier-ignore
  /** Framed-Protocol */
  7: { 1: "PPP", 2: "SLIP", 3: "ARAP", 4: "Gandalf proprietary", 5: "Xylogics IPX/SLIP", 6: "X.75 Synchronous", 7: "GPRS PDP Context" }, // prettier-ignore
  /** Framed-Routing */
  10: { 0: "None", 1: "Send", 2: "Listen", 3: "Send&Listen" }, // prettier-ignore
  /** Framed-Compression */
  13: { 0: "None", 1: "VJ TCP/IP", 2: "IPX", 3: "Stac-LZS" }, // prettier-ignore
  /** Login-Service */
  15: { 0: "Telnet", 1: "Rlogin", 2: "TCP Clear", 3: "PortMaster(proprietary)", 4: "LAT", 5: "X.25-PAD", 6: "X.25-T3POS", 7: "Unassigned", 8: "TCP Clear Quiet" }, // prettier-ignore
  /** Termination-Action */
  29: { 0: "Default", 1: "RADIUS-Request" }, // prettier-ignore
  /** Acct-Status-Type */
  40: { 1: "Start", 2: "Stop", 3: "Interim-Update", 4: "Unassigned", 5: "Unassigned", 6: "Unassigned", 7: "Accounting-On", 8: "Accounting-Off", 9: "Tunnel-Start", 10: "Tunnel-Stop", 11: "Tunnel-Reject", 12: "Tunnel-Link-Start", 13: "Tunnel-Link-Stop", 14: "Tunnel-Link-Reject", 15: "Failed" }, // prettier-ignore
  /** Acct-Authentic */
  45: { 1: "RADIUS", 2: "Local", 3: "Remote", 4: "Diameter" }, // prettier-ignore
  /** Acct-Terminate-Cause */
  49: { 1: "User Request", 2: "Lost Carrier", 3: "Lost Service", 4: "Idle Timeout", 5: "Session Timeout", 6: "Admin Reset", 7: "Admin Reboot", 8: "Port Error", 9: "NAS Error", 10: "NAS Request", 11: "NAS Reboot", 12: "Port Unneeded", 13: "Port Preempted", 14: "Port Suspended", 15: "Service Unavailable", 16: "Callback", 17: "User Error", 18: "Host Request", 19: "Supplicant Restart", 20: "Reauthentication Failure", 21: "Port Reinitialized", 22: "Port Administratively Disabled", 23: "Lost Power" }, // prettier-ignore
  /** Ingress-Filters */
  57: { 1: "Enabled", 2: "Disabled" }, // prettier-ignore
  /** NAS-Port-Type */
  61: { 0: "Async", 1: "Sync", 2: "ISDN Sync", 3: "ISDN Async V.120", 4: "ISDN Async V.110", 5: "Virtual", 6: "PIAFS", 7: "HDLC Clear Channel", 8: "X.25", 9: "X.75", 10: "G.3 Fax", 11: "SDSL", 12: "ADSL-CAP", 13: "ADSL-DMT", 14: "ISDN-DSL", 15: "Ethernet", 16: "xDSL", 17: "Cable", 18: "Wireless - Other", 19: "Wireless - IEEE 802.11", 20: "Token-Ring", 21: "FDDI", 22: "Wireless - CDMA200", 23: "Wireless - UMTS", 24: "Wireless - 1X-EV", 25: "IAPP", 26: "FTTP", 27: "Wireless - IEEE 802.16", 28: "Wireless - IEEE 802.20", 29: "Wireless - IEEE 802.22", 30: "PPPoA", 31: "PPPoEoA", 32: "PPPoEoE", 33: "PPPoEoVLAN", 34: "PPPoEoQinQ", 35: "xPON", 36: "Wireless - XGP", 37: "WiMAX Pre-Release 8 IWK Function", 38: "WIMAX-WIFI-IWK", 39: "WIMAX-SFF", 40: "WIMAX-HA-LMA", 41: "WIMAX-DHCP", 42: "WIMAX-LBS", 43: "WIMAX-WVS" }, // prettier-ignore
  /** Tunnel-Type */
  64: { 1: "PPTP", 2: "L2F", 3: "L2TP", 4: "ATMP", 5: "VTP", 6: "AH", 7: "IP-IP", 8: "MIN-IP-IP", 9: "ESP", 10: "GRE", 11: "DVS", 12: "IP-in-IP Tunneling", 13: "VLAN" }, // prettier-ignore
  /** Tunnel-Medium-Type */
  65: { 1: "IPv4", 2: "IPv6", 3: "NSAP", 4: "HDLC", 5: "BBN 1822", 6: "802", 7: "E.163", 8: "E.164", 9: "F.69", 10: "X.121", 11: "IPX", 12: "Appletalk", 13: "Decnet IV", 14: "Banyan Vines", 15: "E.164 with NSAP subaddress" }, // prettier-ignore
  /** ARAP-Zone-Access */
  72: { 1: "Only access to dfl zone", 2: "Use zone filter inc.", 3: "Not used", 4: "Use zone filter exc." }, // prettier-ignore
  /** Prompt */
  76: { 0: "No Echo", 1: "Echo" }, // prettier-ignore
};

/** RFC 3576, section 3.5; RFC 5176, section 3.6. */
export const radiusCauses: NumberNames = {
  201: "Residual Session Context Removed",
  202: "Invalid EAP Packet (Ignored)",
  401: "Unsupported Attribute",
  402: "Missing Attribute",
  403: "NAS Identification Mismatch",
  404: "Invalid Request",
  405: "Unsupported Service",
  406: "Unsupported Extension",
  407: "Invalid Attribute Value",
  501: "Administratively Prohibited",
  502: "Request Not Routable (Proxy)",
  503: "Session Context Not Found",
  504: "Session Context Not Removable",
  505: "Other Proxy Processing Error",
  506: "Resources Unavailable",
  507: "Request Initiated",
  508: "Multiple Session Selection Unsupported",
  509: "Location Info Required",
};

/** https://www.iana.org/assignments/enterprise-numbers: those whose attributes are met. */
export const radiusVendors: NumberNames = {
  0: "IETF (reserved)",
  5: "ACC",
  9: "Cisco",
  11: "Hewlett Packard",
  42: "Sun Microsystems",
  61: "Merit",
  74: "AT&T",
  161: "Motorola",
  166: "Shiva",
  193: "Ericsson AB",
  255: "Cisco VPN 5000",
  307: "Livingston",
  311: "Microsoft",
  429: "3Com",
  529: "Ascend",
  1584: "Bay Networks",
  1991: "Foundry",
  2180: "Versanet",
  2352: "Redback",
  2636: "Juniper Networks",
  2637: "Aptis",
  2937: "Deutsche Telekom AG",
  3054: "Ixia Communications",
  3076: "Cisco VPN 3000",
  3085: "CoSine Communications",
  3199: "Shasta",
  3224: "Netscreen",
  3309: "Nomadix",
  3414: "T-Mobile",
  3561: "The Broadband Forum",
  3902: "ZTE",
  4329: "Siemens",
  4491: "CableLabs",
  4874: "Unisphere Networks",
  5263: "Cisco BBSM",
  5535: "3rd Generation Partnership Project 2 (3GPP2)",
  5806: "SK Telecom",
  5925: "ipUnplugged",
  5948: "Issanni Communications",
  5951: "Netscaler",
  6490: "T-Mobile",
  6618: "Quintum",
  6728: "Interlink",
  7951: "CNCTC",
  8164: "Starent Networks",
  8744: "Colubris",
  10415: "3GPP",
  10529: "Gemtek-Systems",
  10704: "Barracuda Networks",
  10923: "Ericsson AB - Packet Core Networks",
  11665: "dacom",
  11862: "Columbia University",
  12356: "Fortinet",
  12951: "Verizon Wireless",
  13745: "Plixer",
  14122: "Wi-Fi Alliance",
  16787: "T-Systems Nova",
};
