/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import type { PoolSummary } from "../../ports.ts";
import { Mark, type Tone } from "./mark.tsx";

const nearlyFullPercent = 75;

interface FamilyUse {
  family: "IPv4" | "IPv6";
  total: string;
  used: number;
}

/** The families the pool has addresses of. */
function familiesOf(pool: PoolSummary): FamilyUse[] {
  const all: FamilyUse[] = [
    { family: "IPv4", ...pool.ipv4 },
    { family: "IPv6", ...pool.ipv6 },
  ];
  return all.filter((use) => use.total !== "0");
}

/** Whole per cent, rounded down, so that 100 means full. */
function percentUsed(use: { total: string; used: number }): number {
  const total = BigInt(use.total);
  return total === 0n ? 0 : Number((BigInt(use.used) * 100n) / total);
}

function fillTone(use: { total: string; used: number }): Tone {
  const percent = percentUsed(use);
  return percent >= 100 ? "critical" : percent >= nearlyFullPercent ? "warning" : "good";
}

/** A bar and its numbers in words, one line per family. */
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
  const percent = percentUsed(use);
  const text = words.t("pools.usedOf", { used: words.number(use.used), total: words.count(use.total) });
  return (
    <>
      <span class="family">{use.family}</span>
      <meter
        min="0"
        max="100"
        low={nearlyFullPercent}
        high={99}
        optimum={0}
        value={String(Math.max(percent, use.used > 0 ? 1 : 0))}
        aria-label={`${pool} ${use.family}: ${text}`}
      >
        {text}
      </meter>
      <span class="number share">{words.share(use.used, use.total)}</span>
      <span class="number">{text}</span>
      <FillWord use={use} words={words} />
    </>
  );
}

function FillWord({ use, words }: { use: FamilyUse; words: Words }) {
  const tone = fillTone(use);
  if (tone === "good") return <span />;
  const word = tone === "critical" ? words.t("pools.full") : words.t("pools.nearlyFull");
  return <Mark tone={tone} word={word} />;
}
