/** SNMP, versions 1, 2c and 3: which values are asked for, and which are told. */
import { header, u8 } from "../layout.ts";
import type { Printer } from "../packet/protocol.ts";
import { elementText, hexWith, integerOf, pduNames, readElement, Unparsed, type Asn1Element, type Asn1Kind } from "./asn1.ts"; // prettier-ignore
import { messageProtocol, type Message } from "./message.ts";

/** The tag of the sequence that a message is (X.690, section 8.9); its length follows. */
export const Snmp = header("Snmp", "RFC 1157, section 4; RFC 3412, section 6", { tag: u8 });

const SEQUENCE = 0x30;
const TRAP = 4;
const GET_BULK = 5;
/** What answers and what sets values; the others ask, and have no values and no errors. */
const requests: ReadonlySet<number> = new Set([0, 1, 3, 5, 6, 7, 8]);
const valueless: ReadonlySet<number> = new Set([0, 1, 5]);

export const snmp = messageProtocol({
  name: "snmp",
  abbreviation: "snmp",
  udpPorts: [161, 162],
  layout: Snmp,
  defaults: { tag: SEQUENCE },

  print(printer, message) {
    printer.text += " ";
    unlessUnparsed(printer, () => printSnmp(printer, message));
    return true;
  },
});

/** Where elements contradict themselves what is wrong is said, and nothing more. */
const unlessUnparsed = (printer: Printer, print: () => void): void => {
  try {
    print();
  } catch (error) {
    if (!(error instanceof Unparsed)) throw error;
    printer.text += error.message;
  }
};

/** Reads elements one after another, and refuses those that are of another kind. */
class Elements {
  readonly message: Message;
  at: number;
  readonly end: number;

  constructor(message: Message, at: number, end: number) {
    this.message = message;
    this.at = at;
    this.end = end;
  }

  next(kind: Asn1Kind, complaint: string): Asn1Element {
    const element = readElement(this.message, this.at, this.end);
    if (element.kind !== kind)
      throw new Unparsed(element.label + complaint + (kind === "pdu" ? "" : elementText(this.message, element)));
    this.at = element.end;
    return element;
  }

  integer(complaint: string): number {
    return integerOf(this.message, this.next("integer", complaint));
  }

  /** Those within the next one, which is a sequence. */
  sequence(complaint: string): Elements {
    const { at, end } = this.next("sequence", complaint);
    return new Elements(this.message, at, end);
  }

  get isDone(): boolean {
    return this.at >= this.end;
  }
}

const printSnmp = (printer: Printer, message: Message): void => {
  const whole = new Elements(message, message.offset, message.wireEnd);
  const own = whole.sequence("[!init SEQ]");
  if (!whole.isDone) printer.text += `[${whole.end - whole.at} extra after iSEQ]`;
  const version = own.integer("[version!=INT]");
  const name = versions[version];
  if (name === undefined) {
    printer.text += `SNMP [version = ${version}]`;
    return;
  }
  const isVerbose = printer.level > 0;
  if (isVerbose) printer.text += `{ SNMP${name} `;
  unlessUnparsed(printer, () => (version === 3 ? printVersion3 : printCommunity)(printer, own, version));
  if (isVerbose) printer.text += "} ";
};

const printCommunity = (printer: Printer, own: Elements, version: number): void => {
  const community = elementText(own.message, own.next("string", "[comm!=STR]"));
  if (community !== '"public"') printer.text += `C=${community} `;
  printPdu(printer, own, version);
};

/** RFC 3412, section 6; RFC 3414, section 2.4. */
const printVersion3 = (printer: Printer, own: Elements, version: number): void => {
  const isVerbose = printer.level > 0;
  const { message } = own;
  const global = own.sequence("[!message]");
  if (isVerbose) printer.text += "{ ";
  global.integer("[msgID!=INT]");
  global.integer("[msgMaxSize!=INT]");
  const flagsAt = global.next("string", "[msgFlags!=STR]");
  if (flagsAt.length !== 1) throw new Unparsed(`[msg flags size ${flagsAt.length}]`);
  const flags = message.byte(flagsAt.at);
  if (!rightFlags.has(flags)) throw new Unparsed(`[msgFlags=0x${flags.toString(16).padStart(2, "0").toUpperCase()}]`);
  const letters = `${(flags & 1) === 0 ? "" : "a"}${(flags & 2) === 0 ? "" : "p"}${(flags & 4) === 0 ? "" : "r"}`;
  printer.text += isVerbose ? `F=${letters} } ` : `F=${letters} `;
  const model = global.integer("[msgSecurityModel!=INT]");
  if (model !== USER_MODEL) throw new Unparsed(`[security model ${model}]`);
  if (isVerbose) printer.text += "{ USM ";
  const { at, end } = own.next("string", "[msgSecurityParameters!=STR]");
  const parameters = new Elements(message, at, end).sequence("[!usm SEQ]");
  parameters.next("string", "[msgAuthoritativeEngineID!=STR]");
  const boots = parameters.integer("[msgAuthoritativeEngineBoots!=INT]");
  const time = parameters.integer("[msgAuthoritativeEngineTime!=INT]");
  const user = elementText(message, parameters.next("string", "[msgUserName!=STR]"));
  if (isVerbose) printer.text += `B=${boots} T=${time} `;
  printer.text += `U=${user} `;
  parameters.next("string", "[msgAuthenticationParameters!=STR]");
  parameters.next("string", "[msgPrivacyParameters!=STR]");
  if (isVerbose) printer.text += "} { ScopedPDU ";
  unlessUnparsed(printer, () => printScoped(printer, own, version));
  if (isVerbose) printer.text += "} ";
};

const printScoped = (printer: Printer, own: Elements, version: number): void => {
  const { message } = own;
  const scoped = own.sequence("[!scoped PDU]");
  const engine = scoped.next("string", "[contextEngineID!=STR]");
  message.need(engine.at, engine.length);
  printer.text += `E=${hexWith(message.bytes, engine.at, engine.length)} `;
  printer.text += `C=${elementText(message, scoped.next("string", "[contextName!=STR]"))} `;
  printPdu(printer, scoped, version);
};

const printPdu = (printer: Printer, own: Elements, version: number): void => {
  const { message } = own;
  const pdu = own.next("pdu", "[no PDU]");
  const { id } = pdu;
  if (printer.level > 0) printer.text += "{ ";
  printer.text += `${pduNames[id]!}(${pdu.length}) `;
  if (version === 0 && id > TRAP) throw new Unparsed("[v2 PDU in v1 message]");
  if (version !== 0 && id === TRAP) throw new Unparsed("[v1 PDU in v2 message]");
  const fields = new Elements(message, pdu.at, pdu.end);
  unlessUnparsed(printer, () => {
    if (id === TRAP) printTrap(printer, fields);
    else printRequest(printer, fields, id);
    printBindings(printer, fields, id);
  });
  if (printer.level > 0) printer.text += " } ";
};

const printRequest = (printer: Printer, fields: Elements, id: number): void => {
  const request = fields.integer("[reqId!=INT]");
  if (printer.level > 0) printer.text += `R=${request} `;
  const status = fields.integer("[errorStatus!=INT]");
  const error = errors[status] ?? `err=${status}`;
  const isRequest = requests.has(id);
  if (id === GET_BULK) printer.text += ` N=${status}`;
  else if (status !== 0) printer.text += isRequest ? `[errorStatus(${error})!=0]` : ` ${error}`;
  const index = fields.integer("[errorIndex!=INT]");
  if (id === GET_BULK) printer.text += ` M=${index}`;
  else if (index !== 0 && isRequest) printer.text += `[errorIndex(${index})!=0]`;
  else if (index !== 0 && status === 0) printer.text += `[errorIndex(${index}) w/o errorStatus]`;
  else if (index !== 0) printer.text += `@${index}`;
};

/** RFC 1157, section 4.1.6. */
const printTrap = (printer: Printer, fields: Elements): void => {
  const { message } = fields;
  printer.text += " ";
  printer.text += elementText(message, fields.next("oid", "[enterprise!=OID]"));
  printer.text += ` ${elementText(message, fields.next("address", "[agent-addr!=INETADDR]"))}`;
  const generic = fields.integer("[generic-trap!=INT]");
  printer.text += ` ${traps[generic] ?? `gt=${generic}`}`;
  const specific = fields.integer("[specific-trap!=INT]");
  if (generic === ENTERPRISE_SPECIFIC) printer.text += ` s=${specific}`;
  else if (specific !== 0) printer.text += `[specific-trap(${specific})!=0]`;
  printer.text += ` ${elementText(message, fields.next("unsigned", "[timestamp!=TIMETICKS]"))}`;
};

/** Names, and values where they are not only asked for. */
const printBindings = (printer: Printer, fields: Elements, id: number): void => {
  const { message } = fields;
  const list = fields.sequence("[!SEQ of varbind]");
  if (!fields.isDone) printer.text += `[${fields.end - fields.at} extra after SEQ of varbind]`;
  while (!list.isDone) {
    const binding = list.sequence("[!varbind]");
    printer.text += " ";
    printer.text += elementText(message, binding.next("oid", "[objName!=OID]"));
    if (!valueless.has(id)) printer.text += "=";
    const value = readElement(message, binding.at, binding.end);
    printer.text += value.label;
    if (valueless.has(id) && value.kind !== "null") printer.text += "[objVal!=NULL]";
    printer.text += elementText(message, value);
  }
};

const versions: Readonly<Record<number, string>> = { 0: "v1", 1: "v2c", 3: "v3" };
/** Privacy needs authentication. */
const rightFlags: ReadonlySet<number> = new Set([0, 1, 3, 4, 5, 7]);
const USER_MODEL = 3;
const ENTERPRISE_SPECIFIC = 6;
const traps = ["coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss", "enterpriseSpecific"] as const; // prettier-ignore
/** RFC 3416, section 3. */
const errors = ["noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength", "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed", "undoFailed", "authorizationError", "notWritable", "inconsistentName"] as const; // prettier-ignore
