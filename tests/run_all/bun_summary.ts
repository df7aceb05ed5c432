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

/** Names of the skipped tests in a JUnit report, with what they stand under: a skipped group says why in its name. */
export async function readSkipped(junit: string): Promise<string[]> {
  const names: string[] = [];
  let current = "";
  const text = (value: string | null) => decodeEntities(value ?? "");
  const rewriter = new HTMLRewriter()
    .on("testcase", {
      element(element) {
        const group = text(element.getAttribute("classname"));
        current = [group, text(element.getAttribute("name"))].filter(Boolean).join(" > ");
      },
    })
    .on("skipped", {
      element() {
        names.push(current);
      },
    });
  await rewriter.transform(new Response(junit)).text();
  return names;
}

function decodeEntities(text: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
