/**
 * Logs the DNS queries that this machine sends over IPv4: who was asked, for which name and which type, as they leave, at tc.
 *
 *     npx hopmark run examples/dns-log.bpf.ts --dev eth0 --hook egress
 */
import { Tc, be16, chars, header, ipv4Address, ringBuffer, struct, tc, u16, u8 } from "hopmark/kernel";
import { EtherType, Ethernet, IpProtocol, Ipv4, Udp } from "hopmark/wire";

const DNS_PORT = 53;
const LONGEST_NAME = 64;
const MOST_LABELS = 32;
const DOT = ".".charCodeAt(0);
const blank = Array.from({ length: LONGEST_NAME }, () => 0);

const Dns = header("dns", "RFC 1035, section 4.1.1", {
  id: be16,
  flags: be16,
  questions: be16,
  answers: be16,
  authorities: be16,
  additional: be16,
});
const Byte = header("byte", "RFC 1035, section 3.1", { value: u8 });
const QuestionType = header("question type", "RFC 1035, section 3.2.2", { type: be16 });

/** `type`: 1 A, 28 AAAA, 15 MX, 65 HTTPS …; 0 where the name is longer than is shown. */
const Query = struct("query", { server: ipv4Address, id: u16, type: u16, name: chars(LONGEST_NAME) });
export const queries = ringBuffer({ bytes: 1 << 18, name: "queries" });

export const logQueries = tc((ctx) => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet === null || ethernet.etherType !== EtherType.Ipv4) return Tc.Next;
  const ip = ctx.packet.at(Ipv4, Ethernet.size);
  if (ip === null || ip.protocol !== IpProtocol.Udp || ip.fragmentOffset !== 0) return Tc.Next;
  const udpAt = Ethernet.size + ip.headerLength * 4;
  const udp = ctx.packet.at(Udp, udpAt);
  if (udp === null || udp.destinationPort !== DNS_PORT) return Tc.Next;
  // The question may lie beyond what the kernel keeps in one piece: load() copies it from wherever it is.
  const dnsAt = udpAt + Udp.size;
  const dns = ctx.load(dnsAt, Dns);
  if (dns === null || dns.flags >= 0x8000 || dns.questions !== 1) return Tc.Next;
  const nameAt = dnsAt + Dns.size;
  const left = ctx.packet.length - nameAt;
  if (left < 2) return Tc.Next;

  const query = queries.reserve(Query);
  if (query === null) return Tc.Next;
  query.server = ip.destination;
  query.id = dns.id;
  query.type = 0;
  // A name is labels, each behind its length: the first length is left out, the others become dots.
  let at = ctx.load(nameAt, Byte)?.value ?? 0;
  query.name = blank;
  if (!ctx.loadInto(query, "name", nameAt + 1, Math.min(left - 1, LONGEST_NAME))) {
    queries.discard(query);
    return Tc.Next;
  }
  for (let label = 0; label < MOST_LABELS && at < LONGEST_NAME; label++) {
    const length = query.name[at] ?? 0;
    if (length === 0) {
      query.type = ctx.load(nameAt + 1 + at + 1, QuestionType)?.type ?? 0;
      break;
    }
    query.name[at] = DOT;
    at += length + 1;
  }
  queries.submit(query);
  return Tc.Next;
});
