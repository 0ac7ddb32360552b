/** pval devices as text: the lines of `ip link`, in its words. */
import { MARK_BYTES } from "../mark/pval/mark-counters.ts";
import { optionsText } from "../mark/pval/options.ts";
import type { PvalStatus } from "../mark/pval/show.ts";

export interface LinkTextOptions {
  readonly details: boolean;
  readonly statistics: boolean;
}

export const linkText = (device: PvalStatus, { details, statistics }: LinkTextOptions): string =>
  [
    firstLine(device),
    ...(device.details === null
      ? []
      : [`    link/ether ${device.mac} brd ${device.details.broadcast}${bounds(device, details)}`]),
    ...(details ? [`    ${kindLine(device)}`] : []),
    ...(device.linkUp && !device.linkCarrier && !device.inPlace ? [`    ${device.link} has no carrier`] : []),
    ...(device.state === "whole" ? [] : [`    ${stateTexts[device.state](device)}`]),
    ...tooLongText(device).map((line) => `    ${line}`),
    ...(device.withoutRoom.length === 0 ? [] : [`    ${roomText(device)}`]),
    ...(statistics ? statisticsLines(device).map((line) => `    ${line}`) : []),
  ].join("\n");

const firstLine = ({ ifindex, name, link, inPlace, linkUp, mtu, details }: PvalStatus): string => {
  const below = inPlace || link === null ? "" : `@${link}`;
  if (details === null) return `${ifindex}: ${name}${below}: <GONE>`;
  const flags = [...details.flags, ...(inPlace || linkUp ? [] : ["M-DOWN"])].join(",");
  const { qdisc, state, mode, group, txQueueLength } = details;
  const queue = txQueueLength === 0 ? "" : ` qlen ${txQueueLength}`;
  return `${ifindex}: ${name}${below}: <${flags}> mtu ${mtu} qdisc ${qdisc} state ${state} mode ${mode} group ${group}${queue}`;
};

const bounds = ({ details }: PvalStatus, wanted: boolean): string =>
  !wanted || details === null
    ? ""
    : ` promiscuity ${details.promiscuity} allmulti ${details.allMulticast} minmtu ${details.minMtu} maxmtu ${details.maxMtu}`;

const kindLine = ({ link, inPlace, options, cutter, details }: PvalStatus): string =>
  [
    `pval link ${link ?? "?"}${options === null ? "" : ` ${optionsText(options)}`}${inPlace ? " in-place" : ""}`,
    ...(cutter === null ? [] : [`cutter ${cutter.name}`]),
    ...(details === null
      ? []
      : [
          ...(details.addressGeneration === undefined ? [] : [`addrgenmode ${details.addressGeneration}`]),
          `numtxqueues ${details.transmitQueues} numrxqueues ${details.receiveQueues}`,
          `gso_max_size ${details.gsoMaxSize} gso_max_segs ${details.gsoMaxSegments}`,
          `tso_max_size ${details.tsoMaxSize} tso_max_segs ${details.tsoMaxSegments} gro_max_size ${details.groMaxSize}`,
        ]),
  ].join(" ");

const stateTexts: Readonly<Record<Exclude<PvalStatus["state"], "whole">, (device: PvalStatus) => string>> = {
  otherVersion: ({ name }) =>
    `set up by another version of hopmark: its counts and copies cannot be read here, nor its options changed; hopmark link del ${name}, and add it again`,
  linkGone: ({ link, name }) => `${link} is gone: what is sent is dropped; hopmark link del ${name} clears up`,
  deviceGone: ({ link, name }) =>
    `its interface is gone: ${link} has its packets to itself; hopmark link del ${name} clears up`,
  unfinished: ({ name }) => `unfinished: who made or deleted it died; hopmark link del ${name} clears up`,
};

/** Of what the pval device's MTU lets through and the one of the device below does not, with its mark. */
const tooLongText = ({ state, inPlace, mtu, link, linkMtu, name, options }: PvalStatus): string[] => {
  if (state !== "whole" || inPlace) return [];
  const markBytes = options?.ipopt === true ? MARK_BYTES : 0;
  if (mtu + markBytes <= linkMtu) return [];
  const fate =
    mtu > linkMtu
      ? `of more than ${linkMtu} bytes are lost`
      : `of more than ${linkMtu - markBytes} bytes leave unmarked`;
  return [
    `packets ${fate}, as the MTU of ${link} is ${linkMtu}; hopmark link set dev ${name} type pval lowers that of ${name}`,
  ];
};

const roomText = ({ withoutRoom, name }: PvalStatus): string =>
  `full packets leave unmarked by routes with the interface's MTU: ${withoutRoom.join(", ")}; hopmark link set dev ${name} type pval lowers it`;

const statisticsLines = ({ cutter, statistics: { marks, strips, stamps, copies } }: PvalStatus): string[] => [
  ...(marks === null ? [] : [`sent: ${countsText(marks)}`]),
  ...(cutter === null ? [] : [`${cutter.name}: passed ${cutter.passed} lost ${cutter.lost}`]),
  ...(strips === null ? [] : [`received: ${countsText(strips)}`]),
  ...(stamps === null ? [] : [`txtstamp: ${countsText({ ...stamps })}`]),
  ...copies.map(({ ring, reader, produced, read, lost, idle }) => {
    const by = reader === null ? "no reader" : `read by process ${reader}`;
    return `${ring}: produced ${produced} read ${read} lost ${lost} idle ${idle}, ${by}`;
  }),
];

/** The first always, as it is what happens when all is well; others when they happened. */
const countsText = (counts: Readonly<Record<string, bigint>>): string =>
  Object.entries(counts)
    .filter(([, value], index) => index === 0 || value !== 0n)
    .map(([name, value]) => `${name} ${value}`)
    .join(" ");
