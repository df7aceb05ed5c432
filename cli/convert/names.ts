/** A name that MetalLB's converter leaves alone. */
const valid = /^[a-z][-a-z0-9]{0,61}[a-z0-9]$|^[a-z]$/;
const lengthMax = 63;

/**
 * New names for old ones, which could be any text. As MetalLB's configmaptocrs: the first 63 characters in lower case,
 * `_` becomes `-`, and it begins at the first letter. Where that is not yet a name, every other character becomes `-`
 * and the end is trimmed; where nothing is left it is called by its kind and place. No two get the same name.
 */
export function renamed(old: readonly string[], kind: string): Map<string, string> {
  const taken = new Set(old.filter((name) => valid.test(name)));
  const names = new Map<string, string>();
  old.forEach((name, index) => {
    if (valid.test(name)) names.set(name, name);
    else if (!names.has(name)) names.set(name, free(shaped(name) || `${kind}${index + 1}`, taken));
  });
  return names;
}

function shaped(name: string): string {
  const lower = name.slice(0, lengthMax).toLowerCase().replaceAll("_", "-");
  const first = lower.search(/[a-z]/);
  if (first === -1) return "";
  return lower
    .slice(first)
    .replaceAll(/[^-a-z0-9]/g, "-")
    .replace(/-+$/, "");
}

function free(name: string, taken: Set<string>): string {
  let found = name;
  for (let count = 2; taken.has(found); count++) {
    const suffix = `-${count}`;
    found = `${name.slice(0, lengthMax - suffix.length)}${suffix}`;
  }
  taken.add(found);
  return found;
}
