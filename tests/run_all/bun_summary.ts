/** How a stage ended, in tests; a linter or a type checker counts as one test. */
export interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Reads the closing lines of `bun test` (` 12 pass`, ` 1 fail`, …). Undefined where there are none: it crashed or
 * was killed. An error outside any test stands among its failures already.
 */
export function readBunSummary(output: string): Count | undefined {
  const lines = Bun.stripANSI(output).split("\n");
  const number = (word: string) => {
    const line = lines.findLast((candidate) => new RegExp(`^ *\\d+ ${word}$`).test(candidate));
    return line === undefined ? undefined : Number.parseInt(line, 10);
  };
  const [passed, failed] = [number("pass"), number("fail")];
  if (passed === undefined || failed === undefined) return undefined;
  return { passed, failed, skipped: (number("skip") ?? 0) + (number("todo") ?? 0) };
}

/**
 * What a JUnit report says was skipped, by group where the whole group was: its name says why. Hooks, which have no
 * name, are left out.
 */
export async function readSkipped(junit: string): Promise<string[]> {
  const groups = new Map<string, { skipped: string[]; total: number }>();
  let current = { group: "", name: "" };
  const rewriter = new HTMLRewriter()
    .on("testcase", {
      element(element) {
        const text = (attribute: string) => decodeEntities(element.getAttribute(attribute) ?? "");
        current = { group: text("classname"), name: text("name") };
        const counted = groups.get(current.group) ?? { skipped: [], total: 0 };
        groups.set(current.group, counted);
        if (current.name !== "(unnamed)") counted.total++;
      },
    })
    .on("skipped", {
      element() {
        if (current.name !== "(unnamed)") groups.get(current.group)?.skipped.push(current.name);
      },
    });
  await rewriter.transform(new Response(junit)).text();
  return [...groups].flatMap(([group, { skipped, total }]) =>
    group !== "" && skipped.length === total && total > 1
      ? [`${group} (all ${total})`]
      : skipped.map((name) => [group, name].filter(Boolean).join(" > ")),
  );
}

function decodeEntities(text: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
