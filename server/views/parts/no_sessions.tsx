/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import { Empty } from "./empty.tsx";

export function NoSessions({ words }: { words: Words }) {
  return (
    <Empty title={words.t("bgp.none")} command={peerCommand}>
      <p>{words.t("bgp.noneHint")}</p>
    </Empty>
  );
}

const peerCommand = `kubectl apply -f - <<'EOF'
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: router, namespace: metallb-system }
spec: { myASN: 64512, peerASN: 64513, peerAddress: 192.168.1.1 }
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: example, namespace: metallb-system }
EOF`;
