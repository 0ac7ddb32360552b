/** Where a user's program goes: by its type, to an interface, to a cgroup, or to a place of the kernel's own. */
import { cgroupRoot } from "../../bpf/attach/cgroup.ts";
import type { Device } from "../../bpf/attach/attachment.ts";
import type { Direction } from "../../bpf/attach/order.ts";
import { NEEDED_TO_TRACE } from "../../bpf/sys/bpf.ts";
import type { LoadedProgram } from "../../bpf/loaded-program.ts";
import { ConfigError } from "../../errors.ts";
import type { Program, ProgramType, Purpose } from "../../kernel/program.ts";
import type { Capability } from "../../linux/capabilities.ts";
import { openNetns, type Netns } from "../../linux/netns.ts";
import { interfaceBasics, type InterfaceBasics } from "../../linux/rtnetlink/interface-index.ts";
import { linkByName } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import type { Output } from "../framework/output.ts";
import type { Undo } from "../undo.ts";

/** What the user said of where the program goes. */
export interface PlaceOptions {
  /** The loopback, without it: a program that drops does no harm there. */
  readonly dev: string | undefined;
  readonly netns: string | undefined;
  /** The root, without it. */
  readonly cgroup: string | undefined;
  readonly hook: Direction | undefined;
  /** XDP in the stack. */
  readonly generic: boolean;
}

/** What holds a program where it is. */
export interface Attached {
  readonly hook: string;
  readonly mechanism: string;
  readonly programId: number;
  /** Whether where it was is there no more. Not where there is nothing that could go. */
  readonly isGone?: boolean;
  /** Twice is fine. */
  detach(): void;
}

export interface Place {
  /** `lo ingress in athos`. */
  readonly words: string;
  /** The same for `--json`. */
  readonly named: object;
  attach(loaded: LoadedProgram): Attached;
}

interface Kind {
  /** Options that say where programs of this type go; the others are refused. */
  readonly takes: readonly (keyof PlaceOptions)[];
  /** What the options name, for the words of a refusal. */
  readonly goesTo: string;
  readonly needs: readonly Capability[];
  readonly open: (options: PlaceOptions, undo: Undo, output: Output, purpose: Purpose) => Place;
}

/** Refuses options that are for programs of other types: ConfigError. */
export const checkPlace = (type: ProgramType, options: PlaceOptions): void => {
  const { takes, goesTo } = kinds[type];
  for (const name of ["dev", "netns", "cgroup", "hook", "generic"] as const) {
    if (options[name] === undefined || options[name] === false || takes.includes(name)) continue;
    const takers = Object.entries(kinds).flatMap(([other, kind]) => (kind.takes.includes(name) ? [`${other}()`] : []));
    const given = name === "hook" ? `--hook ${options.hook}` : `--${name}`;
    throw new ConfigError(
      `${given} is for programs made with ${takers.join(" or ")}, and this one was made with ${type}()`,
      { hint: `leave --${name} out: it goes to ${goesTo}` },
    );
  }
};

/** What loading and attaching programs of this type takes. */
export const needsOf = (type: ProgramType): readonly Capability[] => kinds[type].needs;

/** Finds the place; what it opens for as long as something is attached there goes to `undo`. */
export const openPlace = ({ type, purpose }: Program, options: PlaceOptions, undo: Undo, output: Output): Place =>
  kinds[type].open(options, undo, output, purpose);

const INTERFACE = "an interface (--dev DEVICE)";
const CGROUP = "a cgroup (--cgroup PATH)";
const TO_NETWORK = ["CAP_BPF", "CAP_NET_ADMIN"] as const;

const tracepoint: Kind = {
  takes: [],
  goesTo: "the tracepoint that it names",
  needs: NEEDED_TO_TRACE,
  open: (_options, _undo, _output, { target = "" }) => ({
    words: target,
    named: { tracepoint: target },
    attach: (loaded) => loaded.attachTracepoint(),
  }),
};

const kinds: Readonly<Record<ProgramType, Kind>> = {
  xdp: {
    takes: ["dev", "netns", "generic"],
    goesTo: INTERFACE,
    needs: TO_NETWORK,
    open: (options, undo, output) => {
      const device = openDevice(options, undo, output);
      const mode = options.generic ? { mode: "generic" as const } : {};
      return { ...namedDevice(device, "", options), attach: (loaded) => loaded.attachXdp(device, mode) };
    },
  },
  tc: {
    takes: ["dev", "netns", "hook"],
    goesTo: INTERFACE,
    needs: TO_NETWORK,
    open: (options, undo, output) => {
      const device = openDevice(options, undo, output);
      const { hook = "ingress" } = options;
      return {
        ...namedDevice(device, ` ${hook}`, options),
        attach: (loaded) => loaded.attachTc(device, { direction: hook }),
      };
    },
  },
  cgroupSkb: {
    takes: ["cgroup", "hook"],
    goesTo: CGROUP,
    needs: TO_NETWORK,
    open: ({ cgroup = cgroupRoot(), hook: asked }, _undo, _output, { egress }) => {
      const hook = asked ?? (egress === true ? "egress" : "ingress");
      return {
        words: `${cgroup} ${hook}`,
        named: { cgroup },
        attach: (loaded) => loaded.attachCgroup(cgroup, hook),
      };
    },
  },
  sockOps: {
    takes: ["cgroup"],
    goesTo: CGROUP,
    needs: TO_NETWORK,
    open: ({ cgroup = cgroupRoot() }) => ({
      words: cgroup,
      named: { cgroup },
      attach: (loaded) => loaded.attachCgroup(cgroup),
    }),
  },
  tracepoint,
  rawTracepoint: tracepoint,
  iterator: {
    takes: ["netns"],
    goesTo: "no place: it is read",
    needs: NEEDED_TO_TRACE,
    open: () => {
      throw new TypeError("an iterator is read, not attached");
    },
  },
};

const namedDevice = (
  { name }: { readonly name: string },
  hook: string,
  { netns }: PlaceOptions,
): Pick<Place, "words" | "named"> => ({
  words: `${name}${hook}${netns === undefined ? "" : ` in ${netns}`}`,
  named: { device: name },
});

const openDevice = (options: PlaceOptions, undo: Undo, output: Output): Device & { readonly name: string } => {
  const { dev = "lo" } = options;
  const netns = options.netns === undefined ? undefined : openNetns(options.netns);
  if (netns !== undefined) undo.add(() => netns.close());
  const { index, name, up } = findDevice(dev, netns);
  if (!up && !output.json) output.note(`warning: ${name} is down: no packet comes by until it is up`);
  return { ifindex: index, name, netns };
};

/** The interface of that name. NetlinkError ENODEV when there is none. */
const findDevice = (name: string, netns: Netns | undefined): InterfaceBasics => {
  const found = interfaceBasics(name, netns);
  if (found !== undefined) return found;
  const socket = openRtnetlink(netns);
  try {
    return linkByName(socket, name);
  } finally {
    socket.close();
  }
};
