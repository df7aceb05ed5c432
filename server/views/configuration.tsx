/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import type { Words } from "../i18n/mod.ts";
import type { ConsolePort, Overview } from "../ports.ts";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { Empty } from "./parts/empty.tsx";
import { Mark, type Tone } from "./parts/mark.tsx";
import { ServiceLink } from "./parts/service_link.tsx";
import { Table } from "./parts/table.tsx";
import { poolPath } from "./paths.ts";

interface ConfigurationProps {
  issues: Overview["issues"];
  findings: ReturnType<NonNullable<ConsolePort["findings"]>>;
  words: Words;
}

export function ConfigurationPage(props: ConfigurationProps) {
  return (
    <>
      <Heading title={props.words.t("configuration.heading")} />
      <ConfigurationRegion {...props} />
    </>
  );
}

/** One thing to say of one field of an object. */
interface Remark {
  kind: string;
  name: string;
  path: string;
  code: string;
  sentence: string;
}

/** Which objects were rejected, where, and why; everything else is in force, and some of it deserves a look. */
export function ConfigurationRegion({ issues, findings, words }: ConfigurationProps) {
  const { t } = words;
  const rejected = issues.map(
    ({ message, ...rest }): Remark => ({
      ...rest,
      sentence: withoutPath(message, rest.path),
    }),
  );
  const found = findings.map(({ severity, why, ...rest }) => ({
    ...rest,
    severity,
    code: why.code,
    sentence: words.reason(why),
  }));
  return (
    <div {...region("configuration", "/configuration", ["configuration"])} class="stack">
      {rejected.length === 0 && found.length > 0 ? (
        <p class="calm">
          <Mark tone="good" word={t("configuration.none")} />
        </p>
      ) : rejected.length === 0 ? (
        <Empty
          title={t("configuration.none")}
          command="kubectl -n metallb-system get ipaddresspools,l2advertisements,bgpadvertisements,bgppeers"
        />
      ) : (
        <section aria-labelledby="rejected-title">
          <h2 id="rejected-title">{t("configuration.title")}</h2>
          <p class="muted lead">{t("configuration.hint")}</p>
          <Objects
            caption={t("configuration.title")}
            column={t("configuration.message")}
            remarks={rejected}
            stateOf={() => ({ tone: "critical", word: t("configuration.rejected") })}
            words={words}
          />
        </section>
      )}
      {found.length === 0 ? null : (
        <section aria-labelledby="findings-title">
          <h2 id="findings-title">{t("configuration.findings")}</h2>
          <p class="muted lead">{t("configuration.findingsHint")}</p>
          <Objects
            caption={t("configuration.findings")}
            column={t("configuration.finding")}
            remarks={found}
            stateOf={({ severity }) => ({ tone: severity, word: t(`severity.${severity}`) })}
            words={words}
          />
        </section>
      )}
    </div>
  );
}

/** The path stands in a column of its own. */
function withoutPath(message: string, path: string): string {
  return message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
}

interface ObjectsProps<Said extends Remark> {
  caption: string;
  column: string;
  remarks: readonly Said[];
  /** How an object stands of which this is the first remark. */
  stateOf(first: Said): { tone: Tone; word: string };
  words: Words;
}

/** A row for each object, with all that is to be said of it. */
function Objects<Said extends Remark>({ caption, column, remarks, stateOf, words }: ObjectsProps<Said>) {
  const { t } = words;
  const objects = [...Map.groupBy(remarks, ({ kind, name }) => `${kind}/${name}`)];
  return (
    <Table
      caption={caption}
      columns={[
        { label: t("configuration.object"), width: 21 },
        { label: t("column.state"), width: 8 },
        { label: column },
      ]}
    >
      {objects.map(([object, said]) => {
        const [first] = said;
        return first === undefined ? null : (
          <tr>
            <th scope="row" class="object">
              <span class="muted">{first.kind}</span>
              <ObjectName kind={first.kind} name={first.name} />
            </th>
            <td data-label={t("column.state")}>
              <Mark {...stateOf(first)} />
            </td>
            <td class="long" data-label={column}>
              <ul class="remarks" aria-label={object}>
                {said.map((one) => (
                  <RemarkLine remark={one} />
                ))}
              </ul>
            </td>
          </tr>
        );
      })}
    </Table>
  );
}

function RemarkLine({ remark }: { remark: Remark }): Child {
  return (
    <li>
      <span class="address">{remark.path}</span>
      <span>
        {remark.sentence} <small class="tag">{remark.code}</small>
      </span>
    </li>
  );
}

/** Leads to the object's own page where the console has one. */
function ObjectName({ kind, name }: { kind: string; name: string }) {
  if (kind === "IPAddressPool") return <a href={poolPath(name)}>{name}</a>;
  const [namespace, service] = name.split("/");
  if (kind === "Service" && namespace !== undefined && service !== undefined) {
    return <ServiceLink namespace={namespace} name={service} />;
  }
  return <span>{name}</span>;
}
