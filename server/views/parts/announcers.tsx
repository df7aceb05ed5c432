/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import type { ServiceRow } from "../../ports.ts";

type Announcers = ServiceRow["announcers"];

const namesShownMax = 2;

/** Who announces: the layer 2 node by name, BGP nodes by number where there are many. */
export function AnnouncerList({ announcers, words }: { announcers: Announcers; words: Words }) {
  const layer2 = announcers.filter((one) => one.protocol === "layer2").map((one) => one.node);
  const bgp = announcers.filter((one) => one.protocol === "bgp").map((one) => one.node);
  return (
    <>
      <Nodes nodes={layer2} protocol="L2" words={words} />
      <Nodes nodes={bgp} protocol="BGP" words={words} />
    </>
  );
}

function Nodes({ nodes, protocol, words }: { nodes: string[]; protocol: string; words: Words }) {
  if (nodes.length === 0) return null;
  const all = nodes.join(", ");
  return (
    <span class="announcer" title={`${protocol}: ${all}`}>
      <span class="clip">
        {nodes.length <= namesShownMax ? all : words.t("nodes.count", { count: nodes.length })}
      </span>{" "}
      <small class="tag">{protocol}</small>
    </span>
  );
}
