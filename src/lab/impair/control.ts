/** How one command tells another, which runs, what to do: a socket under /run, one for each device and direction. */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { ConfigError, HopmarkError } from "../../errors.ts";
import { syscall } from "../../linux/ffi.ts";
import type { Impair, ImpairReport } from "./start.ts";

export type ImpairAction = "report" | "buffer" | "release-one" | "release-all";

/** Which device's. */
export interface ControlPlace {
  readonly netnsInode: number;
  readonly ifindex: number;
  readonly direction: "ingress" | "egress";
}

const DIRECTORY = "/run/hopmark/impair";
const pathOf = ({ netnsInode, ifindex, direction }: ControlPlace): string =>
  `${DIRECTORY}/${netnsInode}-${ifindex}-${direction}.sock`;

/**
 * Claims the device for this process. Returns what answers from then on, and closes. Takes away what processes left that were killed.
 * @throws HopmarkError `busy` when another process impairs it
 */
export const claimControl = async (place: ControlPlace, device: string): Promise<Control> => {
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o700 });
  await removeDead();
  const path = pathOf(place);
  if (await isAnswered(path))
    throw new HopmarkError("busy", `${device} is impaired by another process`, {
      hint: "end that one first (Ctrl-C there); one command can do several things: --loss 1% --duplicate 1%",
    });
  const server = createServer();
  withLock(() => {
    // Left by a process that was killed since.
    rmSync(path, { force: true });
    server.listen(path);
  });
  await once(server, "listening");
  return new Control(server, path);
};

/** Sockets of which nobody listens any more. */
const removeDead = async (): Promise<void> => {
  const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;
  for (const name of readdirSync(DIRECTORY)) {
    const path = `${DIRECTORY}/${name}`;
    const inode = inodeOf(path);
    if (!(await isDead(path))) continue;
    // Somebody may have put another one there meanwhile.
    withLock(() => {
      if (inodeOf(path) === inode) rmSync(path, { force: true });
    });
  }
};

/** One that has too much to do to answer at once is not. */
const isDead = async (path: string): Promise<boolean> => {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
};

const LOCK_EX = 2;

/** While nobody else puts sockets there or takes some away. `listen` has the socket there when it comes back. */
const withLock = (run: () => void): void => {
  const fd = openSync(DIRECTORY, "r");
  try {
    syscall("flock", DIRECTORY, fd, LOCK_EX);
    run();
  } finally {
    closeSync(fd);
  }
};

class Control {
  readonly #server: Server;
  readonly #path: string;

  constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** Does what it is asked to, and answers with the report. */
  serve(impair: Impair): void {
    this.#server.on("connection", (socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", (data) => socket.end(answer(impair, data.toString().trim())));
    });
  }

  close(): void {
    this.#server.close();
    rmSync(this.#path, { force: true });
  }
}

const answer = (impair: Impair, action: string): string => {
  try {
    if (action === "buffer") impair.buffer();
    else if (action === "release-one") impair.releaseOne();
    else if (action === "release-all") impair.releaseAll();
    else if (action !== "report") throw new ConfigError(`"${action}" is nothing that can be done`);
    return JSON.stringify({ report: impair.report() });
  } catch (error) {
    if (!(error instanceof HopmarkError)) throw error;
    return JSON.stringify({ error: error.message, hint: error.hint });
  }
};

/** Tells the process that impairs a device what to do; undefined when there is none. @throws ConfigError for what it refuses */
export const askImpair = async (place: ControlPlace, action: ImpairAction): Promise<ImpairReport | undefined> => {
  const socket = await connected(pathOf(place));
  if (socket === undefined) return undefined;
  socket.end(`${action}\n`);
  let text = "";
  for await (const part of socket.setEncoding("utf8")) text += String(part);
  const { report, error, hint } = JSON.parse(text) as { report?: ImpairReport; error?: string; hint?: string };
  if (report !== undefined) return report;
  throw new ConfigError(error ?? "no answer", hint === undefined ? {} : { hint });
};

const isAnswered = async (path: string): Promise<boolean> => {
  const socket = await connected(path);
  socket?.destroy();
  return socket !== undefined;
};

const connected = async (path: string): Promise<Socket | undefined> => {
  const socket = connect({ path, allowHalfOpen: true });
  try {
    await once(socket, "connect");
    return socket;
  } catch {
    socket.destroy();
    return undefined;
  }
};
