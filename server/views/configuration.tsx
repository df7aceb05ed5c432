/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { Overview } from "../ports.ts";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { Empty } from "./parts/empty.tsx";
import { Table } from "./parts/table.tsx";

interface ConfigurationProps {
  issues: Overview["issues"];
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

/** Which objects were rejected, where, and why; everything else is in force. */
export function ConfigurationRegion({ issues, words }: ConfigurationProps) {
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
    </div>
  );
}

function IssueTable({ issues, words }: ConfigurationProps) {
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
