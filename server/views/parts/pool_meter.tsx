/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import type { PoolCounts, PoolSummary } from "../../ports.ts";
import { CellGlyph } from "../chart/cell_shape.tsx";
import { UseBar } from "../chart/use_bar.tsx";
import { Mark } from "./mark.tsx";

const nearlyFullPercent = 75;

interface FamilyUse extends PoolCounts {
  family: "IPv4" | "IPv6";
}

/** The families the pool has addresses of, be they all excluded. */
function familiesOf(pool: PoolSummary): FamilyUse[] {
  const all: FamilyUse[] = [
    { family: "IPv4", ...pool.ipv4 },
    { family: "IPv6", ...pool.ipv6 },
  ];
  return all.filter(({ total, excluded = "0", kept = 0 }) => total !== "0" || excluded !== "0" || kept > 0);
}

/** Held, reserved or cooling: what nobody new is given. Whole per cent, rounded down, so that 100 means full. */
function percentTaken({ total, used, reserved = 0, cooling = 0 }: PoolCounts): number {
  const all = BigInt(total);
  return all === 0n ? 0 : Number((BigInt(used + reserved + cooling) * 100n) / all);
}

function fillTone(use: PoolCounts): "good" | "warning" | "critical" {
  const percent = percentTaken(use);
  return percent >= 100 ? "critical" : percent >= nearlyFullPercent ? "warning" : "good";
}

/** A bar and its numbers in words, one line per family, and a second line for what is held back. */
export function PoolMeters({ pool, words }: { pool: PoolSummary; words: Words }) {
  const families = familiesOf(pool);
  if (families.length === 0) return <span class="muted">{words.t("pools.noAddresses")}</span>;
  return (
    <div class="meters">
      {families.map((use) => (
        <FamilyMeter pool={pool.name} use={use} words={words} />
      ))}
    </div>
  );
}

function FamilyMeter({ pool, use, words }: { pool: string; use: FamilyUse; words: Words }) {
  const text = words.t("pools.usedOf", { used: words.number(use.used), total: words.count(use.total) });
  const parts = heldBack(use, words);
  const said = [text, ...parts.map((part) => part.text)].join(", ");
  return (
    <>
      <span class="family">{use.family}</span>
      <UseBar counts={use} tone={fillTone(use)} label={`${pool} ${use.family}: ${said}`} />
      <span class="number share">{words.share(use.used, use.total)}</span>
      <span class="number">{text}</span>
      <FillWord use={use} words={words} />
      {parts.length === 0 ? null : (
        <ul class="held-back">
          {parts.map((part) => (
            <li>
              <CellGlyph state={part.state} />
              {part.text}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What is neither free nor simply held; nothing is said of what does not occur. */
function heldBack({ reserved = 0, cooling = 0, excluded = "0", kept = 0 }: PoolCounts, words: Words) {
  const all = [
    { state: "reserved", text: words.t("pools.reserved", { count: reserved }), occurs: reserved > 0 },
    { state: "cooling", text: words.t("pools.cooling", { count: cooling }), occurs: cooling > 0 },
    {
      state: "excluded",
      text: words.t("pools.excluded", { count: words.count(excluded) }),
      occurs: excluded !== "0",
    },
    { state: "kept", text: words.t("pools.kept", { count: kept }), occurs: kept > 0 },
  ] as const;
  return all.filter(({ occurs }) => occurs);
}

function FillWord({ use, words }: { use: FamilyUse; words: Words }) {
  const tone = fillTone(use);
  if (tone === "good") return <span />;
  if (tone === "warning") return <Mark tone={tone} word={words.t("pools.nearlyFull")} />;
  // Full of holders, or of promises.
  const isFull = BigInt(use.used) >= BigInt(use.total);
  return <Mark tone={tone} word={words.t(isFull ? "pools.full" : "pools.noneFree")} />;
}
