/** All commands, in the order of the help. A command's file is read when the command is run, or asked about. */
import type { Command } from "../framework/command.ts";

const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import("./demo.ts")).demo,
  "demo pval": async () => (await import("./demo-pval.ts")).demoPval,
  dump: async () => (await import("./dump.ts")).dump,
  trace: async () => (await import("./trace.ts")).trace,
  doctor: async () => (await import("./doctor.ts")).doctor,
  "lab up": async () => (await import("./lab-up.ts")).labUp,
  "lab down": async () => (await import("./lab-down.ts")).labDown,
  "lab exec": async () => (await import("./lab-exec.ts")).labExec,
  "lab list": async () => (await import("./lab-list.ts")).labList,
  "ioam encap add": async () => (await import("./ioam-encap-add.ts")).ioamEncapAdd,
  "ioam encap change": async () => (await import("./ioam-encap-change.ts")).ioamEncapChange,
  "ioam encap replace": async () => (await import("./ioam-encap-replace.ts")).ioamEncapReplace,
  "ioam encap delete": async () => (await import("./ioam-encap-delete.ts")).ioamEncapDelete,
  "ioam transit add": async () => (await import("./ioam-transit-add.ts")).ioamTransitAdd,
  "ioam transit change": async () => (await import("./ioam-transit-change.ts")).ioamTransitChange,
  "ioam transit replace": async () => (await import("./ioam-transit-replace.ts")).ioamTransitReplace,
  "ioam transit watch": async () => (await import("./ioam-transit-watch.ts")).ioamTransitWatch,
  "ioam transit delete": async () => (await import("./ioam-transit-delete.ts")).ioamTransitDelete,
  "ioam sink add": async () => (await import("./ioam-sink-add.ts")).ioamSinkAdd,
  "ioam sink change": async () => (await import("./ioam-sink-change.ts")).ioamSinkChange,
  "ioam sink replace": async () => (await import("./ioam-sink-replace.ts")).ioamSinkReplace,
  "ioam sink delete": async () => (await import("./ioam-sink-delete.ts")).ioamSinkDelete,
  "ioam export": async () => (await import("./ioam-export.ts")).ioamExport,
  "ioam export add": async () => (await import("./ioam-export-add.ts")).ioamExportAdd,
  "ioam export delete": async () => (await import("./ioam-export-delete.ts")).ioamExportDelete,
  "ioam namespace add": async () => (await import("./ioam-namespace-add.ts")).ioamNamespaceAdd,
  "ioam namespace delete": async () => (await import("./ioam-namespace-delete.ts")).ioamNamespaceDelete,
  "ioam namespace set": async () => (await import("./ioam-namespace-set.ts")).ioamNamespaceSet,
  "ioam namespace show": async () => (await import("./ioam-namespace-show.ts")).ioamNamespaceShow,
  "ioam schema add": async () => (await import("./ioam-schema-add.ts")).ioamSchemaAdd,
  "ioam schema delete": async () => (await import("./ioam-schema-delete.ts")).ioamSchemaDelete,
  "ioam schema show": async () => (await import("./ioam-schema-show.ts")).ioamSchemaShow,
  "ioam doctor": async () => (await import("./ioam-doctor.ts")).ioamDoctor,
  "ioam plan": async () => (await import("./ioam-plan.ts")).ioamPlan,
  "ioam conformance": async () => (await import("./ioam-conformance.ts")).ioamConformance,
  "ioam show": async () => (await import("./ioam-show.ts")).ioamShow,
  marks: async () => (await import("./marks.ts")).marks,
  impair: async () => (await import("./impair.ts")).impair,
  "link add": async () => (await import("./link-add.ts")).linkAdd,
  "link set": async () => (await import("./link-set.ts")).linkSet,
  "link delete": async () => (await import("./link-delete.ts")).linkDelete,
  "link show": async () => (await import("./link-show.ts")).linkShow,
  persist: async () => (await import("./persist.ts")).persist,
  "persist install": async () => (await import("./persist-install.ts")).persistInstall,
  "persist restore": async () => (await import("./persist-restore.ts")).persistRestore,
  "persist remove": async () => (await import("./persist-remove.ts")).persistRemove,
  compile: async () => (await import("./compile.ts")).compile,
  run: async () => (await import("./run.ts")).run,
  types: async () => (await import("./types.ts")).types,
  explain: async () => (await import("./explain.ts")).explain,
  completion: async () => (await import("./completion.ts")).completion,
};

export const commandNames: readonly string[] = Object.keys(loaders);

/** The command with this full name. */
export const loadCommand = (name: string): Promise<Command> => {
  const load = loaders[name];
  if (load === undefined) throw new Error(`no command ${name}`);
  return load();
};

/** The commands whose names start with these words; all of them for none. */
export const loadGroup = (group: string): Promise<Command[]> =>
  Promise.all(commandNames.filter((name) => group === "" || name.startsWith(`${group} `)).map(loadCommand));
