/**
 * What labs there are: one JSON file each in /run/hopmark/labs. Only what is written here, under its name and with its inode, is ever
 * removed.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { HopmarkError } from "../errors.ts";
import { syscall } from "../linux/ffi.ts";
import type { ProcessIdentity } from "../linux/process-identity.ts";
import { REGISTRY_DIRECTORY, REGISTRY_LOCK } from "./registry-directory.ts";
import { checkLabName } from "./topology.ts";
import type { Topology } from "./topology.ts";

export interface LabRecord {
  readonly name: string;
  /** The lab goes when this process has gone; null: it stays until it is taken down. */
  readonly owner: ProcessIdentity | null;
  /** Namespace inodes mean nothing after a reboot. */
  readonly bootId: string;
  readonly namespaces: readonly LabNamespace[];
  readonly topology: Topology;
}

/** The network namespace of a node. */
export interface LabNamespace {
  readonly node: string;
  /** In /run/netns. */
  readonly name: string;
  readonly inode: number;
}

/** Run `change` while no other process changes labs. Everything in it is synchronous. */
export function withRegistryLock<T>(change: () => T): T {
  mkdirSync(REGISTRY_DIRECTORY, { recursive: true, mode: 0o755 });
  const lock = openSync(`${REGISTRY_DIRECTORY}/${REGISTRY_LOCK}`, "w", 0o600);
  try {
    syscall("flock", "the registry of labs", lock, LOCK_EX);
    // whoever writes holds the lock: what is half-written now was left by a process that was killed
    for (const file of registryFiles(HALF_WRITTEN)) rmSync(`${REGISTRY_DIRECTORY}/${file}`, { force: true });
    return change();
  } finally {
    closeSync(lock);
  }
}

/** All records, by name. */
export function readRecords(): LabRecord[] {
  return registryFiles(RECORD).flatMap((file) => readRecord(file.slice(0, -RECORD.length)) ?? []);
}

/** Whether a process may have been killed while it wrote a record. */
export function hasHalfWritten(): boolean {
  return registryFiles(HALF_WRITTEN).length > 0;
}

export function readRecord(name: string): LabRecord | undefined {
  checkLabName(name);
  let text: string;
  try {
    text = readFileSync(recordPath(name), "utf8");
  } catch {
    return undefined;
  }
  try {
    const record: unknown = JSON.parse(text);
    if (isRecord(record, name)) return record;
  } catch (cause) {
    throw new HopmarkError("registry", `${recordPath(name)} is not a record of a lab`, { cause });
  }
  throw new HopmarkError("registry", `${recordPath(name)} is not a record of a lab`);
}

/** Replaces the record at one stroke: a reader sees the old one or the new one. */
export function writeRecord(record: LabRecord): void {
  const path = recordPath(record.name);
  const halfWritten = `${REGISTRY_DIRECTORY}/${record.name}${HALF_WRITTEN}`;
  writeFileSync(halfWritten, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(halfWritten, path);
}

export function removeRecord(name: string): void {
  rmSync(recordPath(name), { force: true });
}

export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function recordPath(name: string): string {
  return `${REGISTRY_DIRECTORY}/${name}${RECORD}`;
}

function registryFiles(ending: string): string[] {
  try {
    return readdirSync(REGISTRY_DIRECTORY)
      .filter((file) => file.endsWith(ending))
      .toSorted();
  } catch {
    return [];
  }
}

function isRecord(value: unknown, name: string): value is LabRecord {
  if (typeof value !== "object" || value === null) return false;
  const known =
    "name" in value && "owner" in value && "bootId" in value && "namespaces" in value && "topology" in value;
  return known && value.name === name && Array.isArray(value.namespaces);
}

const RECORD = ".json";
const HALF_WRITTEN = ".json.new";
const LOCK_EX = 2;
