/**
 * What the image sets for the runtime. JavaScriptCore lets a heap grow by the memory of the machine, which a Pod shares
 * with all others: told that there are 100 MB it collects sooner, from then on and as often as the heap grows by a
 * quarter. A speaker with 10,000 Services then holds 13 to 30 MB less, and 30 to 40 MB less at its start, for about a
 * third more CPU time there (`bun run bench speaker_memory`). It is no limit: a heap that needs more gets it.
 */
export const runtimeEnvironment: Readonly<Record<string, string>> = { BUN_JSC_forceRAMSize: "100000000" };
