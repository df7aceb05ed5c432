/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { Instant, Layer2Leader, Layer2Row } from "../ports.ts";
import { Mark } from "./parts/mark.tsx";
import { SpeakerLink } from "./parts/speaker_link.tsx";
import { Succession } from "./parts/succession.tsx";
import { Table } from "./parts/table.tsx";
import { Age } from "./parts/time.tsx";
import { servicePath } from "./paths.ts";

/** Who answers for each address, on what, since when, how busily, and who would be next. */
export function LeaderTable({ rows, now, words }: { rows: Layer2Row[]; now: Instant; words: Words }) {
  const { t } = words;
  return (
    <Table
      caption={t("layer2.caption")}
      columns={[
        { label: t("column.address"), width: 11 },
        { label: t("nav.services") },
        { label: t("layer2.leader"), width: 14 },
        { label: t("layer2.interface"), width: 14 },
        { label: t("layer2.since"), width: 6, isNumber: true },
        { label: t("layer2.gratuitous"), width: 7, isNumber: true },
        { label: t("layer2.traffic"), width: 9, isNumber: true },
        { label: t("layer2.candidates"), width: 17 },
      ]}
    >
      {rows.map((row) => (
        <LeaderRow row={row} now={now} words={words} />
      ))}
    </Table>
  );
}

interface RowProps {
  row: Layer2Row;
  now: Instant;
  words: Words;
}

/** Two that say they answer are a conflict, unless one is handing over to the other. */
function stateOf({ leaders, conflicts = [] }: Layer2Row): "led" | "nobody" | "conflict" {
  const answering = leaders.filter(
    ({ phase, yieldingTo }) => phase !== "probing" && yieldingTo === undefined,
  );
  if (answering.length > 1 || conflicts.length > 0) return "conflict";
  return leaders.length === 0 ? "nobody" : "led";
}

function LeaderRow({ row, now, words }: RowProps) {
  const { t } = words;
  const { leaders } = row;
  return (
    <tr id={`layer2:${row.address}`} data-state={stateOf(row)}>
      <th scope="row" class="address">
        {row.address}
      </th>
      <td data-label={t("nav.services")}>
        {row.services.map(({ namespace, name }) => (
          <div class="clip" title={`${namespace}/${name}`}>
            <a href={servicePath(namespace, name)}>
              <span class="muted">{namespace}/</span>
              {name}
            </a>
          </div>
        ))}
      </td>
      <td data-label={t("layer2.leader")}>
        <Leaders row={row} now={now} words={words} />
      </td>
      <td data-label={t("layer2.interface")}>
        {leaders.map((leader) => (
          <Interfaces leader={leader} />
        ))}
      </td>
      <td class="number" data-label={t("layer2.since")}>
        {leaders.map((leader) => (
          <div>
            <Age at={leader.since} now={now} words={words} />
          </div>
        ))}
      </td>
      <td class="number" data-label={t("layer2.gratuitous")}>
        {leaders.map((leader) => (
          <div>
            {leader.gratuitousAt === undefined ? (
              "–"
            ) : (
              <Age at={leader.gratuitousAt} now={now} words={words} />
            )}
          </div>
        ))}
      </td>
      <td class="number" data-label={t("layer2.traffic")}>
        {leaders.map(({ counters }) => (
          <div>
            {counters ? `${words.number(counters.requests)} / ${words.number(counters.responses)}` : "–"}
          </div>
        ))}
      </td>
      <td class="long" data-label={t("layer2.candidates")}>
        <Succession row={row} words={words} />
      </td>
    </tr>
  );
}

function Leaders({ row, now, words }: RowProps) {
  const { t } = words;
  const { leaders, conflicts = [] } = row;
  const answering = leaders.filter(
    ({ phase, yieldingTo }) => phase !== "probing" && yieldingTo === undefined,
  );
  return (
    <>
      {leaders.length === 0 ? <Mark tone="critical" word={t("announcer.nobody")} /> : null}
      {answering.length > 1 ? (
        <Mark tone="critical" word={t("layer2.conflict", { count: answering.length })} />
      ) : null}
      {leaders.map((leader) => (
        <Leader leader={leader} isAlone={answering.length === 1} words={words} />
      ))}
      {conflicts.map((conflict) => (
        <div>
          <Mark tone="critical" word={t("layer2.foreign")} />
          <p class="quoted">
            {t("layer2.foreignMac", {
              mac: conflict.mac,
              interface: conflict.interface,
              duration: words.duration(now - conflict.since),
            })}
          </p>
        </div>
      ))}
    </>
  );
}

function Leader({ leader, isAlone, words }: { leader: Layer2Leader; isAlone: boolean; words: Words }) {
  const { node, phase, yieldingTo } = leader;
  const link = <SpeakerLink node={node} />;
  if (phase === "probing") {
    return (
      <div>
        {link}
        <p>
          <Mark tone="info" word={words.t("layer2.probing")} />
        </p>
      </div>
    );
  }
  return (
    <div>
      {isAlone && yieldingTo === undefined ? <Mark tone="good" word={link} /> : link}
      {yieldingTo === undefined ? null : (
        <p class="muted">{words.t("layer2.yielding", { node: yieldingTo })}</p>
      )}
    </div>
  );
}

/** Each interface with its MAC; what does not fit is in the title. */
function Interfaces({ leader: { interfaces, mac, macs = [mac] } }: { leader: Layer2Leader }) {
  if (interfaces.length === 0) return <div>–</div>;
  return (
    <>
      {interfaces.map((name, index) => (
        <div class="address clip" title={`${name} ${macs[index] ?? ""}`}>
          {macs[index] ?? ""} <span class="muted">{name}</span>
        </div>
      ))}
    </>
  );
}
