import { InvalidArgumentError, Option } from "commander";

/** What Go's `strconv.ParseBool` takes, and so what MetalLB's flags take after `=`. */
const values: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true])),
  ...Object.fromEntries(["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false])),
};

/** A flag as Go has it: `--name` is yes, `--name=false` is no. */
export function boolean(name: string, description: string, standard = false): Option {
  return new Option(`${name} [yes]`, description)
    .default(standard)
    .preset("true")
    .argParser((text: string) => {
      const value = values[text];
      if (value !== undefined) return value;
      throw new InvalidArgumentError(`It is true or false, not "${text}".`);
    });
}
