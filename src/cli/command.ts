/** What a command is: a row of the table in `commands.ts`. Usage, help and argument parsing all come from it. */
import type { Text } from '#contract/text.ts';
import type { Session } from './io.ts';
import type { Outcome } from './outcome.ts';

export interface Flag {
  readonly type: 'flag';
  readonly help: Text;
}

export interface Option {
  readonly type: 'value';
  /** Placeholder in the usage: FILE, DATE, … */
  readonly value: string;
  readonly short?: string;
  readonly help: Text;
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly oneOf?: readonly string[];
}

export type OptionTable = Readonly<Record<string, Flag | Option>>;

export type OptionValues<Options extends OptionTable> = {
  readonly [Name in keyof Options]: Options[Name] extends Flag
    ? boolean
    : Options[Name] extends { readonly multiple: true }
      ? readonly string[]
      : Options[Name] extends { readonly required: true } ? string : string | undefined;
};

export interface Positional {
  readonly name: string;
  readonly optional?: boolean;
}

export interface Command<Options extends OptionTable = OptionTable> {
  /** The words that call it: `job submit`. */
  readonly name: string;
  readonly summary: Text;
  readonly positionals?: readonly Positional[];
  readonly options: Options;
  /** Whole command lines after `sluice`. */
  readonly examples: readonly string[];
  readonly notes?: Text;
  readonly run: (session: Session, options: OptionValues<Options>, positionals: readonly string[]) => Promise<Outcome>;
}

/** A command whose options are known to its `run` by type; the table forgets them. */
export function command<const Options extends OptionTable>(definition: Command<Options>): Command {
  return definition as unknown as Command;
}
