/** Where our text is not tcpdump's on purpose, and why. Every line here must still be true. */

export interface Difference {
  /** The captures' packets, by their names. */
  readonly packets: RegExp;
  /** The flags with which they differ; all when left out. */
  readonly flags?: RegExp;
  readonly why: string;
  /** What both texts must have alike: they differ in nothing else. */
  readonly alike?: (text: string) => string;
}

/** Without the lines that go below a packet's own. */
const withoutDetails = (text: string): string => text.replace(/ *\n\t[^]*/, "\n");

export const differences: readonly Difference[] = [
  { packets: /^GUE/, why: "tcpdump does not know GUE: UDP, length 32" },
  { packets: /^Geneve, packet 3$/, flags: /-v/, why: "options of Geneve are counted, their classes are not named" },
  { packets: /^DNS of many sections, packet 4$/, why: "types 64 and 65 have the names SVCB and HTTPS: Type65" },
  {
    packets: /^DNS over TCP, packet [34]$/,
    why: "a segment that is not one whole message is no error, but bytes of a stream: [prefix length(48) != length(29)] (invalid)",
  },
  {
    packets: /^DHCP and DNS cut after 54 bytes, packet 2$/,
    flags: /-v/,
    why: "of a reply that is cut within its header the fields are not printed one by one: , xid 0x12345678",
  },
  {
    packets: /^HTTP cut by the snap length, packet 2$/,
    why: "a line that is cut is printed as far as it is here",
  },
  {
    packets: /^TLS, packet [12]$/,
    flags: /-v/,
    why: "tcpdump does not know TLS; ours names whom a ClientHello asks for: TLS ClientHello, SNI example.com",
  },
  { packets: /^marks/, flags: /-v/, why: "tcpdump knows nothing of marks: options (unknown 222)" },
  { packets: /^an IOAM trace/, flags: /-v/, why: "tcpdump knows nothing of IOAM: opt_type 0x31" },
  {
    packets: /^IPv4 of length 0/,
    why: "a length of 0 is that of a packet before segmentation (BIG TCP, GSO): it is printed, where tcpdump stops with bad-len 0",
  },
  {
    packets: /^ICMP of other types, packet [14]$/,
    why: "of ICMP types that hosts have not sent for decades the name is printed, not what is in them",
  },
  {
    packets: /^ICMP of other types, packet 6$/,
    flags: /-v/,
    why: "tcpdump looks for a quoted packet in a source quench, also where there is none",
  },
  {
    packets: /^UDP longer, and shorter, than its packet, packet 1$/,
    flags: /-vv/,
    why: "a checksum over more bytes than there are is not judged",
  },
  {
    packets: /^(TCP options, packet 10|TCP's user timeout, packet [123])$/,
    why: "the first bit of TCP's user timeout says whether it counts minutes (RFC 5482, section 3), where tcpdump looks at the last: uto 0x8005 983160",
  },
  {
    packets: /^(TCP options, packet 15|TCP signed with MD5, packet 1)$/,
    why: "a digest of TCP is printed, without a hint at tcpdump's flag -M: md5 shared secret not supplied with -M, can't check - 0001…",
    alike: (text) => text.replace(/shared secret not supplied with -M, can't check - |0x(?=[0-9a-f]{32})/, ""),
  },
  {
    packets: /^UDP longer, and shorter, than its packet, packet 3$/,
    why: "a header that contradicts itself is said to be bad",
  },
  {
    packets: /^Linux cooked, second version/,
    why: "tcpdump prints the name that the interface's number has on the machine that reads; we print the number",
    alike: (text) => text.replace(/\?     (In|B|M|P|Out|\?)( +)(ifindex 4000000 )?/, "ifindex 4000000 $1$2"),
  },
  {
    packets: /^(LACP and other slow protocols, packet 4$)/,
    flags: /-v/,
    why: "of these protocols there is one line: what tcpdump says below it with -v is not printed",
    alike: withoutDetails,
  },
  {
    packets: /^PIM's acknowledgements of grafts/,
    flags: /-v/,
    why: "they are read as grafts are (RFC 3973, section 4.7.9), where tcpdump looks for the number of groups within the address: 0 group(s)",
    alike: (text) => text.replace(/, upstream-neighbor[^]*|\n\t {2}0 group\(s\)\n/, ""),
  },
  {
    packets: /^BGP that tcpdump reads otherwise/,
    flags: /-v/,
    why: "a route of OSPF is of one type (metric-type:E2E1), a next hop of 16 bytes is IPv6 (RFC 8950), path identifiers are not guessed; of VPLS, multicast VPNs and sets of attributes the bytes are shown",
  },
  {
    packets: /^LLDP that tcpdump reads otherwise, packet 1$/,
    flags: /-v/,
    why: "the type of a powered device is in the first two bits (TIA-1057, section 10.2.5), where tcpdump looks at the last two: Power type [PD device]",
  },
  {
    packets: /^LLDP that tcpdump reads otherwise, packet 2$/,
    flags: /-v/,
    why: "a flag is 0 or 1: CBS:2",
  },
  {
    packets: /^LLDP that tcpdump reads otherwise, packet [345]$/,
    flags: /-v/,
    why: "postal addresses of telephones, CDCP and the fields of DCBX are not looked into: CA type 'city, township, shi' (3), length 5",
  },
  {
    packets: /^ISAKMP that tcpdump prints otherwise/,
    flags: /-v/,
    why: "of a nonce the ends are its own, where tcpdump prints what is behind it; lifetimes that a responder notifies are data: attrs=([|attr])",
  },
  {
    packets: /^CDP/,
    flags: /^(?!.*-v)/,
    why: "without -v there is one line with the device, where tcpdump shows the bytes of all its other fields below it",
    alike: (text) => text.replace(/ \(malformed TLV\)|\n\t {2}0x[0-9a-f]{4}: (?: [0-9a-f]{2,4})+/g, ""),
  },
  {
    packets: /^OSPF that tcpdump prints otherwise/,
    flags: /-v/,
    why: "opaque advertisements and link-local signalling are not looked into, and a list of acknowledgements ends where it ends: tcpdump reads on, [|ospf2]",
  },
  {
    packets: /^OSPF, packet 11$/,
    flags: /-vv/,
    why: "a length that does not count its header is printed as the number it stands for: length 18446744073709551596",
    alike: (text) => text.replace(/length (-20|1844\d+)/, ""),
  },
  {
    packets: /^IS-IS that tcpdump reads otherwise/,
    flags: /-v/,
    why: "a router that knows no neighbour yet tells its own circuit (RFC 5303, section 3.2): Neighbor Extended Local circuit-ID: 0x05000000",
  },
  {
    packets: /^DCCP that tcpdump prints otherwise/,
    why: "acknowledgements have 4 bytes beside short sequence numbers (RFC 4340, section 5.3), options are not listed, sums over a part are not judged; tcpdump leaves out the addresses around a cut header",
  },
  {
    packets: /^DCCP, packet 1[01]$/,
    flags: /-vv/,
    why: "options are not listed, least of all those of types that there are not: <nop, nop, mandatory>",
  },
  {
    packets: /^RADIUS's rare attributes/,
    flags: /-v/,
    why: "attributes of AppleTalk, mobile IPv6 and places are printed in hexadecimal: index 8193, location",
  },
  {
    packets: /^IGMP of old routers/,
    why: "DVMRP and PIM version 1 are named, not looked into: igmp dvmrp Probe",
  },
  {
    packets: /^AH that is cut/,
    why: "fields of a header that is cut are not printed one by one: AH(spi=0x00001234,seq=0x7,icv=0x0001 [|ah]",
  },
  {
    packets: /^services cut by the snap length, packet 5$/,
    why: "tcpdump leaves out the addresses around a cut SCTP header: IP  [|sctp]",
  },
  {
    packets: /, the outer header, packet/,
    why: "of 802.11 frames without data that can be read the outer header is printed: 802.11 management, subtype 8, … > …, length 64",
  },
  {
    packets: /^(802.11|radiotap), control frames/,
    flags: /-x|-X|-A/,
    why: "tcpdump's dumps start within a control frame, where its header would end if it were another: our dumps start behind it",
    alike: (text) => text.slice(0, text.indexOf("\n")),
  },
  {
    packets: /./,
    flags: /-x|-X|-A/,
    why: "tcpdump shows the link-layer header too where it gave up within a header",
    alike: (text) => (text.includes(" [|") ? text.slice(0, text.indexOf(" [|")) : text),
  },
];
