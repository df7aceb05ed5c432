/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import type { Overview } from "../../ports.ts";
import { byName } from "./order.ts";

const shownMax = 12;

/** How many addresses each node leads: a bar and a number per node, largest first. */
export function LeaderBars({ leaders, words }: { leaders: Overview["leaders"]; words: Words }) {
  if (leaders.length === 0) return <p class="muted">{words.t("leaders.none")}</p>;
  const sorted = leaders.toSorted((a, b) => b.addresses - a.addresses || byName(a.node, b.node));
  const largest = Math.max(1, sorted[0]?.addresses ?? 0);
  const hidden = sorted.length - shownMax;
  return (
    <>
      <ul class="bars">
        {sorted.slice(0, shownMax).map(({ node, addresses }) => (
          <li>
            <span class="clip" title={node}>
              {node}
            </span>
            <svg aria-hidden="true" width="100%" height="8">
              <rect class="bar-track" width="100%" height="8" rx="1.5" />
              <rect class="bar-fill" width={`${(addresses / largest) * 100}%`} height="8" rx="1.5" />
            </svg>
            <span class="number">{words.t("leaders.addresses", { count: addresses })}</span>
          </li>
        ))}
      </ul>
      {hidden > 0 ? <p class="more">{words.t("nodes.more", { count: hidden })}</p> : null}
    </>
  );
}
