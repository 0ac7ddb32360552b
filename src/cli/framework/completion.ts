/** A bash completion script, from the commands' tables: it starts nothing of Hopmark when Tab is pressed. */
import type { Command, Completion, OptionSpec } from "./command.ts";
import { universalOptions } from "./common-options.ts";

export const bashCompletion = (commands: readonly Command[]): string => {
  const tables = new Tables(commands);
  return `# bash completion for hopmark: eval "$(hopmark completion bash)"
declare -gA _hopmark_next=(${bashTable(tables.next)})
declare -gA _hopmark_words=(${bashTable(tables.words)})
declare -gA _hopmark_values=(${bashTable(tables.values)})
${SCRIPT}`;
};

/** What may follow what, by the words of a command's name. */
class Tables {
  /** Name so far to the words that go on. */
  readonly next = new Map<string, string>();
  /** Command to its keywords and options. */
  readonly words = new Map<string, string>();
  /** `COMMAND|WORD` to what may follow that word; without a word: what stands in the first place. */
  readonly values = new Map<string, string>();

  constructor(commands: readonly Command[]) {
    for (const command of commands) this.#add(command, commands);
  }

  #add(command: Command, all: readonly Command[]): void {
    const parts = command.name.split(" ");
    parts.forEach((part, at) => {
      const before = parts.slice(0, at).join(" ");
      const known = (this.next.get(before) ?? "").split(" ").filter((word) => word !== "");
      if (!known.includes(part)) this.next.set(before, [...known, part].join(" "));
    });
    const options: OptionSpec[] = Object.values({ ...command.options, ...universalOptions });
    this.words.set(
      command.name,
      [...Object.keys(command.keywords ?? {}), ...options.map(({ flag }) => flag)].join(" "),
    );
    for (const [name, { complete, value, alone }] of Object.entries(command.keywords ?? {})) {
      if (alone === true) continue;
      this.values.set(`${command.name}|${name}`, offered(complete, all) || lowerWord(value));
    }
    for (const { flag, short, value, complete } of options) {
      if (value === undefined) continue;
      for (const name of [flag, short ?? flag])
        this.values.set(`${command.name}|${name}`, offered(complete, all) || "@none");
    }
    const [first] = Object.values(command.positionals ?? {});
    if (first?.complete !== undefined) this.values.set(`${command.name}|`, offered(first.complete, all));
  }
}

const offered = (complete: Completion | undefined, commands: readonly Command[]): string => {
  if (complete === undefined) return "";
  if (complete === "command") return commands.map(({ name }) => name.split(" ")[0]).join(" ");
  return typeof complete === "string" ? `@${complete}` : complete.join(" ");
};

/** A value in lower case is a word of the grammar itself: \`trace prealloc\`. */
const lowerWord = (value: string): string => (/^[a-z]+$/.test(value) ? value : "@none");

const bashTable = (table: ReadonlyMap<string, string>): string =>
  [...table].map(([key, value]) => `["${key === "" ? "." : key}"]="${value}"`).join(" ");

const SCRIPT = String.raw`_hopmark() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command="" at=1 word offers
  while ((at < COMP_CWORD)); do
    word=\${COMP_WORDS[at]}
    [[ " \${_hopmark_next[\${command:-.}]} " == *" $word "* ]] || break
    command=\${command:+$command }$word
    ((at++))
  done
  if ((at == COMP_CWORD)) && [[ -n \${_hopmark_next[\${command:-.}]} && $current != -* ]]; then
    offers=\${_hopmark_next[\${command:-.}]}
  elif [[ -n \${_hopmark_values[$command|$previous]} ]]; then
    offers=\${_hopmark_values[$command|$previous]}
  elif ((at == COMP_CWORD)) && [[ -n \${_hopmark_values[$command|]} && $current != -* ]]; then
    offers=\${_hopmark_values[$command|]}
  else
    offers=\${_hopmark_words[\${command:-.}]}
  fi
  case $offers in
    @device) offers=$(cd /sys/class/net && echo *) ;;
    @netns) offers=$(cd /run/netns 2>/dev/null && echo *) ;;
    @lab) offers=$(cd /run/hopmark/labs 2>/dev/null && for word in *.json; do echo "\${word%.json}"; done) ;;
    @file) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    @none) COMPREPLY=(); return ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$offers" -- "$current")
}
complete -F _hopmark hopmark
`.replaceAll("\\$", "$");
