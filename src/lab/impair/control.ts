/** How one command tells another, which runs, what to do: a socket under /run, one for each device and direction. */
import { mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { ConfigError, HopmarkError } from "../../errors.ts";
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
 * Claims the device for this process. Returns what answers from then on, and closes.
 * @throws HopmarkError `busy` when another process impairs it
 */
export const claimControl = async (place: ControlPlace, device: string): Promise<Control> => {
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o700 });
  const path = pathOf(place);
  if (await isAnswered(path))
    throw new HopmarkError("busy", `${device} is impaired by another process`, {
      hint: "end that one first (Ctrl-C there); one command can do several things: --loss 1% --duplicate 1%",
    });
  // What is there was left by a process that was killed.
  rmSync(path, { force: true });
  const server = createServer();
  server.listen(path);
  await once(server, "listening");
  return new Control(server, path);
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
