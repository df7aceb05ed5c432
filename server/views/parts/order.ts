const collator = new Intl.Collator("en", { numeric: true });

/** Names as people order them: node2 before node10. */
export const byName: (a: string, b: string) => number = collator.compare;
