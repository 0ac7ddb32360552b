/** ISAKMP's numbers by the names that tcpdump's lines have for them. */

type Names = Readonly<Record<number, string>>;

/** RFC 2408, section 3.1; RFC 7296, section 3.1. */
export const exchangeNames: Names = {
  0: "none",
  1: "base",
  2: "ident",
  3: "auth",
  4: "agg",
  5: "inf",
  32: "oakley-quick",
  33: "oakley-newgroup",
  34: "ikev2_init",
  35: "ikev2_auth",
  36: "child_sa",
  37: "inf2",
};

const payloadNames: Names = { 0: "none", 1: "sa", 2: "p", 3: "t", 4: "ke", 5: "id", 6: "cert", 7: "cr", 8: "hash", 9: "sig", 10: "nonce", 11: "n", 12: "d", 13: "vid", 33: "v2sa", 34: "v2ke", 35: "v2IDi", 36: "v2IDr", 37: "v2cert", 38: "v2cr", 39: "v2auth", 40: "v2nonce", 41: "v2n", 42: "v2d", 43: "v2vid", 44: "v2TSi", 45: "v2TSr", 46: "v2e", 47: "v2cp", 48: "v2eap" }; // prettier-ignore

/** `v2sa`; `pay14` for what was reserved, `#53` beyond. */
export const payloadName = (type: number): string => payloadNames[type] ?? (type < 33 ? `pay${type}` : `#${type}`);

export const protocolNames: Names = { 1: "isakmp", 2: "ipsec-ah", 3: "ipsec-esp", 4: "ipcomp" };

const groups: Names = { 1: "modp768", 2: "modp1024", 3: "EC2N 2^155", 4: "EC2N 2^185", 5: "modp1536", 6: "iana-grp06", 7: "iana-grp07", 8: "iana-grp08", 9: "iana-grp09", 10: "iana-grp10", 11: "iana-grp11", 12: "iana-grp12", 13: "iana-grp13", 14: "modp2048", 15: "modp3072", 16: "modp4096", 17: "modp6144", 18: "modp8192" }; // prettier-ignore
/** RFC 7296, section 3.3.2: by the transform's type its name, and its kinds. */
export const transforms2: Readonly<Record<number, { readonly name: string; readonly ids: Names }>> = {
  1: { name: "encr", ids: { 1: "1des-iv64", 2: "1des", 3: "3des", 4: "rc5", 5: "idea", 6: "cast", 7: "blowfish", 8: "3idea", 9: "1des-iv32", 10: "rc4", 11: "null", 12: "aes" } }, // prettier-ignore
  2: { name: "prf", ids: { 1: "hmac-md5", 2: "hmac-sha", 3: "hmac-tiger", 4: "aes128_xcbc" } },
  3: { name: "integ", ids: { 1: "hmac-md5", 2: "hmac-sha", 3: "dec-mac", 4: "kpdk-md5", 5: "aes-xcbc" } },
  4: { name: "dh", ids: groups },
  5: { name: "esn", ids: { 0: "no-esn", 1: "esn" } },
};
export { groups as groupNames };

/** RFC 7296, section 3.10.1. */
export const notificationNames: Names = { 1: "unsupported_critical_payload", 4: "invalid_ike_spi", 5: "invalid_major_version", 7: "invalid_syntax", 9: "invalid_message_id", 11: "invalid_spi", 14: "no_protocol_chosen", 17: "invalid_ke_payload", 24: "authentication_failed", 34: "single_pair_required", 35: "no_additional_sas", 36: "internal_address_failure", 37: "failed:cp_required", 39: "invalid_selectors", 16384: "initial_contact", 16385: "set_window_size", 16386: "additional_ts_possible", 16387: "ipcomp_supported", 16388: "nat_detection_source_ip", 16389: "nat_detection_destination_ip", 16390: "cookie", 16391: "use_transport_mode", 16392: "http_cert_lookup_supported", 16393: "rekey_sa", 16394: "tfc_padding_not_supported", 16395: "non_first_fragment_also" }; // prettier-ignore
/** RFC 2408, section 3.14.1; RFC 2407, section 4.6.3. */
export const notificationNames1: Names = { 1: "INVALID-PAYLOAD-TYPE", 2: "DOI-NOT-SUPPORTED", 3: "SITUATION-NOT-SUPPORTED", 4: "INVALID-COOKIE", 5: "INVALID-MAJOR-VERSION", 6: "INVALID-MINOR-VERSION", 7: "INVALID-EXCHANGE-TYPE", 8: "INVALID-FLAGS", 9: "INVALID-MESSAGE-ID", 10: "INVALID-PROTOCOL-ID", 11: "INVALID-SPI", 12: "INVALID-TRANSFORM-ID", 13: "ATTRIBUTES-NOT-SUPPORTED", 14: "NO-PROPOSAL-CHOSEN", 15: "BAD-PROPOSAL-SYNTAX", 16: "PAYLOAD-MALFORMED", 17: "INVALID-KEY-INFORMATION", 18: "INVALID-ID-INFORMATION", 19: "INVALID-CERT-ENCODING", 20: "INVALID-CERTIFICATE", 21: "CERT-TYPE-UNSUPPORTED", 22: "INVALID-CERT-AUTHORITY", 23: "INVALID-HASH-INFORMATION", 24: "AUTHENTICATION-FAILED", 25: "INVALID-SIGNATURE", 26: "ADDRESS-NOTIFICATION", 27: "NOTIFY-SA-LIFETIME", 28: "CERTIFICATE-UNAVAILABLE", 29: "UNSUPPORTED-EXCHANGE-TYPE", 30: "UNEQUAL-PAYLOAD-LENGTHS", 16384: "CONNECTED", 24576: "RESPONDER-LIFETIME", 24577: "REPLAY-STATUS", 24578: "INITIAL-CONTACT" }; // prettier-ignore
