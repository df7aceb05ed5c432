/** @jsxImportSource hono/jsx */
import type { PoolCounts } from "../../ports.ts";

interface UseBarProps {
  counts: PoolCounts;
  tone: "good" | "warning" | "critical";
  /** What the bar says, for those who do not see it. */
  label: string;
}

/** What is held as a full bar, then what is reserved as a hollow one, then what cools down at half the height. */
export function UseBar({ counts, tone, label }: UseBarProps) {
  const { total, used, reserved = 0, cooling = 0 } = counts;
  const [usedWide, reservedWide, coolingWide] = [used, reserved, cooling].map((part) => percent(part, total));
  const spans = { used: usedWide ?? 0, reserved: reservedWide ?? 0, cooling: coolingWide ?? 0 };
  return (
    <svg class="use" role="img" aria-label={label} width="100%" height="8" data-tone={tone}>
      <rect class="bar-track" width="100%" height="8" rx="1.5" />
      <rect class="use-held" width={`${spans.used}%`} height="8" rx="1.5" />
      {reserved === 0 ? null : (
        <rect
          class="use-reserved"
          x={`${spans.used}%`}
          y="0.75"
          width={`${spans.reserved}%`}
          height="6.5"
          rx="1"
        />
      )}
      {cooling === 0 ? null : (
        <rect
          class="use-cooling"
          x={`${spans.used + spans.reserved}%`}
          y="4"
          width={`${spans.cooling}%`}
          height="4"
        />
      )}
    </svg>
  );
}

/** To a tenth, and never nothing where there is something. */
function percent(part: number, totalDecimal: string): number {
  const total = BigInt(totalDecimal);
  if (part === 0 || total === 0n) return 0;
  return Math.min(100, Math.max(0.5, Number((BigInt(part) * 1_000n) / total) / 10));
}
