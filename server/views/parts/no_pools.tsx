/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import { Empty } from "./empty.tsx";

export function NoPools({ words }: { words: Words }) {
  return (
    <Empty title={words.t("pools.none")} command={command}>
      <p>{words.t("pools.noneHint")}</p>
    </Empty>
  );
}

const command = `kubectl apply -f - <<'EOF'
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: first-pool, namespace: metallb-system }
spec: { addresses: [192.168.1.240-192.168.1.250] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: example, namespace: metallb-system }
EOF`;
