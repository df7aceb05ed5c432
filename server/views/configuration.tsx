/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { ConsolePort, Overview } from "../ports.ts";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { Empty } from "./parts/empty.tsx";
import { Table } from "./parts/table.tsx";

interface ConfigurationProps {
  issues: Overview["issues"];
  findings: ReturnType<NonNullable<ConsolePort["findings"]>>;
  words: Words;
}

export function ConfigurationPage(props: ConfigurationProps) {
  return (
    <>
      <Heading title={props.words.t("configuration.title")} />
      <ConfigurationRegion {...props} />
    </>
  );
}

/** Which objects were rejected, where, and why; everything else is in force, and some of it deserves a look. */
export function ConfigurationRegion({ issues, findings, words }: ConfigurationProps) {
  return (
    <div {...region("configuration", "/configuration", ["configuration"])} class="stack">
      {issues.length === 0 ? (
        <Empty
          title={words.t("configuration.none")}
          command="kubectl -n metallb-system get ipaddresspools,l2advertisements,bgpadvertisements,bgppeers"
        />
      ) : (
        <>
          <p class="muted">{words.t("configuration.hint")}</p>
          <IssueTable issues={issues} words={words} />
        </>
      )}
      {findings.length > 0 && <FindingTable findings={findings} words={words} />}
    </div>
  );
}

function IssueTable({ issues, words }: Omit<ConfigurationProps, "findings">) {
  const { t } = words;
  return (
    <Table
      caption={t("configuration.title")}
      columns={[
        { label: t("configuration.object"), width: 21 },
        { label: t("configuration.path"), width: 21 },
        { label: t("configuration.message") },
      ]}
    >
      {issues.map((issue) => (
        <tr>
          <th scope="row" class="subject">{`${issue.kind}/${issue.name}`}</th>
          <td class="address" data-label={t("configuration.path")}>
            {issue.path}
          </td>
          <td class="long" data-label={t("configuration.message")}>
            {issue.message} <small class="tag">{issue.code}</small>
          </td>
        </tr>
      ))}
    </Table>
  );
}

function FindingTable({ findings, words }: Omit<ConfigurationProps, "issues">) {
  const { t } = words;
  return (
    <Table
      caption={t("configuration.findings")}
      columns={[
        { label: t("configuration.object"), width: 21 },
        { label: t("configuration.path"), width: 21 },
        { label: t("configuration.finding") },
      ]}
    >
      {findings.map(({ kind, name, path, why }) => (
        <tr>
          <th scope="row" class="subject">{`${kind}/${name}`}</th>
          <td class="address" data-label={t("configuration.path")}>
            {path}
          </td>
          <td class="long" data-label={t("configuration.finding")}>
            {words.reason(why)} <small class="tag">{why.code}</small>
          </td>
        </tr>
      ))}
    </Table>
  );
}
