import { languageOf } from "../../say.ts";

export type Verdict = "ok" | "note" | "act";

interface Row {
  readonly verdict: Verdict;
  /** What was found, and what to do; nothing to do: one text. */
  readonly en: readonly [string, string?];
  readonly ko: readonly [string, string?];
}

/**
 * Everything that the check can find, with how grave it is. The part before the dot is what it is about, and the order
 * here is the order in which it is told.
 */
export const findingTexts = {
  "metallb.absent": {
    verdict: "act",
    en: ["no MetalLB in namespace {namespace}", "say --namespace <name>, or simply install"],
    ko: ["네임스페이스 {namespace} 에 MetalLB가 없습니다", "--namespace <이름> 을 주거나 그냥 설치하세요"],
  },
  "metallb.elsewhere": {
    verdict: "act",
    en: ["no MetalLB in namespace {namespace}, but in {elsewhere}", "say --namespace {elsewhere}"],
    ko: [
      "MetalLB가 네임스페이스 {namespace} 에 없고 {elsewhere} 에 있습니다",
      "--namespace {elsewhere} 를 주세요",
    ],
  },
  "metallb.version": {
    verdict: "ok",
    en: ["MetalLB {version}, BGP mode {mode}, controller {controller}, speaker {speaker}"],
    ko: ["MetalLB {version}, BGP 방식 {mode}, 컨트롤러 {controller}, 스피커 {speaker}"],
  },
  "metallb.ours": {
    verdict: "note",
    en: [
      "this program runs here already as {parts}, image {image}: flags and ports of these were not judged",
      "nothing",
    ],
    ko: [
      "이 프로그램이 이미 {parts} (으)로 돌고 있습니다. 이미지 {image}. 이들의 플래그와 포트는 판정하지 않습니다",
      "할 일이 없습니다",
    ],
  },
  "metallb.config-map": {
    verdict: "act",
    en: [
      "the ConfigMap config holds the configuration of MetalLB before 0.13, and there are no custom resources",
      "kubectl -n {namespace} get configmap config -o yaml | metallb convert - | kubectl apply -f -",
    ],
    ko: [
      "ConfigMap config에 0.13 이전 MetalLB의 설정이 있고 커스텀 리소스는 없습니다",
      "kubectl -n {namespace} get configmap config -o yaml | metallb convert - | kubectl apply -f -",
    ],
  },
  "metallb.helm": {
    verdict: "note",
    en: [
      "installed by Helm, release {release}",
      "helm upgrade {release} with our chart; never helm uninstall, which takes the CRDs and with them every pool",
    ],
    ko: [
      "Helm 릴리스 {release} 로 설치되어 있습니다",
      "우리 차트로 helm upgrade {release} 하세요. helm uninstall은 CRD와 모든 풀을 지우므로 쓰지 마세요",
    ],
  },
  "metallb.sidecars": {
    verdict: "note",
    en: [
      "the containers {sidecars} go away: one BGP engine inside the speaker does their work",
      "kubectl apply takes them away only where kubectl apply made them; look that the new DaemonSet has none of them",
    ],
    ko: [
      "컨테이너 {sidecars} 은(는) 없어집니다. 스피커 안의 BGP 엔진이 그 일을 합니다",
      "kubectl apply는 kubectl apply로 만든 컨테이너만 지웁니다. 새 DaemonSet에 남아 있지 않은지 확인하세요",
    ],
  },
  "crd.ok": {
    verdict: "ok",
    en: ["{count} CRDs of metallb.io: every field of theirs is in ours"],
    ko: ["metallb.io의 CRD {count}개: 모든 필드가 우리 CRD에도 있습니다"],
  },
  "crd.missing": {
    verdict: "note",
    en: ["ours adds {names}", "kubectl apply -k k8s/crds before the rest; MetalLB does not look at them"],
    ko: [
      "우리 CRD가 더합니다: {names}",
      "먼저 kubectl apply -k k8s/crds 하세요. MetalLB는 이것을 보지 않습니다",
    ],
  },
  "crd.unknown": {
    verdict: "note",
    en: ["{names}: nobody reads them any more", "keep them for a rollback, or delete them later"],
    ko: ["{names}: 이제 아무도 읽지 않습니다", "되돌릴 때를 위해 두거나 나중에 지우세요"],
  },
  "crd.fields-unused": {
    verdict: "note",
    en: [
      "{crd} {version} has fields that ours lacks, and no object uses them: {fields}",
      "nothing; a rollback brings the old CRD back",
    ],
    ko: [
      "{crd} {version} 에 우리 CRD에 없는 필드가 있지만 쓰는 오브젝트는 없습니다: {fields}",
      "할 일이 없습니다. 되돌리면 옛 CRD도 돌아옵니다",
    ],
  },
  "crd.fields-used": {
    verdict: "act",
    en: [
      "{crd} {version}: {objects} use fields that ours lacks, and the API server would drop them: {fields}",
      "save the objects (kubectl get -o yaml) before the CRDs are replaced, and do without these fields",
    ],
    ko: [
      "{crd} {version}: {objects} 이(가) 우리 CRD에 없는 필드를 쓰며, API 서버가 이를 지우게 됩니다: {fields}",
      "CRD를 바꾸기 전에 오브젝트를 저장하고(kubectl get -o yaml) 이 필드 없이 쓰도록 하세요",
    ],
  },
  "crd.fields-added": {
    verdict: "note",
    en: ["{crd} {version}: ours adds {fields}", "nothing; MetalLB passes over fields it does not know"],
    ko: [
      "{crd} {version}: 우리 CRD가 {fields} 을(를) 더합니다",
      "할 일이 없습니다. MetalLB는 모르는 필드를 지나칩니다",
    ],
  },
  "crd.stored": {
    verdict: "act",
    en: [
      "{crd} has objects stored as {versions}, which ours does not serve",
      "write each object of the kind once (kubectl get -o yaml | kubectl replace -f -), then take the version out of status.storedVersions",
    ],
    ko: [
      "{crd} 에 우리가 제공하지 않는 {versions} 버전으로 저장된 오브젝트가 있습니다",
      "그 종류의 오브젝트를 한 번씩 다시 쓰고(kubectl get -o yaml | kubectl replace -f -) status.storedVersions에서 버전을 빼세요",
    ],
  },
  "crd.conversion": {
    verdict: "note",
    en: [
      "{crd} is converted by the webhook of Service {service}",
      "who reads it as v1beta1 needs the webhook: keep the Service's name, or take the CRD of k8s/manifests, which is converted by ours",
    ],
    ko: [
      "{crd} 은(는) 서비스 {service} 의 웹훅이 변환합니다",
      "v1beta1로 읽으려면 웹훅이 필요합니다. 서비스 이름을 그대로 두거나 우리 웹훅이 변환하는 k8s/manifests의 CRD를 쓰세요",
    ],
  },
  "crd.helm": {
    verdict: "act",
    en: [
      "Helm release {release} owns {names} and nothing says keep: an upgrade to a chart without them deletes them, and with them every pool",
      "kubectl annotate crd {list} helm.sh/resource-policy=keep",
    ],
    ko: [
      "Helm 릴리스 {release} 가 {names} 을(를) 소유하고 보존 표시가 없습니다. CRD가 없는 차트로 올리면 CRD와 모든 풀이 지워집니다",
      "kubectl annotate crd {list} helm.sh/resource-policy=keep",
    ],
  },
  "rights.ok": {
    verdict: "ok",
    en: ["the {part} may do all that ours asks for"],
    ko: ["{part}: 필요한 권한이 모두 있습니다"],
  },
  "rights.more": {
    verdict: "note",
    en: [
      "the {part} needs more: {rules}",
      "our manifests and chart bring these Roles; apply them before the Pods",
    ],
    ko: [
      "{part} 에 더 필요합니다: {rules}",
      "우리 매니페스트와 차트에 이 Role이 들어 있습니다. 파드보다 먼저 적용하세요",
    ],
  },
  "rights.less": {
    verdict: "note",
    en: [
      "the {part} no longer needs: {rules}",
      "MetalLB's speakers need it until the last node is swapped, and our Roles have the same names: kubectl apply -f docs/examples/migration/rights.yaml before, delete it afterwards",
    ],
    ko: [
      "{part} 에 더는 필요 없습니다: {rules}",
      "마지막 노드까지 MetalLB 스피커에 필요하고 우리 Role과 이름이 같습니다. 먼저 kubectl apply -f docs/examples/migration/rights.yaml 하고 나중에 지우세요",
    ],
  },
  "flag.ok": {
    verdict: "ok",
    en: ["the {part} has only the flags of MetalLB's own manifests"],
    ko: ["{part}: MetalLB 매니페스트의 플래그만 있습니다"],
  },
  "flag.carry": {
    verdict: "act",
    en: ["the {part} has {given}", "say the same to ours, by its flag or the chart's value"],
    ko: ["{part} 에 {given} 이(가) 있습니다", "우리 쪽에도 플래그나 차트 값으로 똑같이 주세요"],
  },
  "flag.without-effect": {
    verdict: "note",
    en: [
      "the {part} has {given}: taken here, and without effect",
      "it may stay; our log says why it does nothing",
    ],
    ko: [
      "{part} 에 {given} 이(가) 있습니다. 받아들이지만 효과는 없습니다",
      "그대로 두어도 됩니다. 이유는 로그에 남습니다",
    ],
  },
  "flag.unknown": {
    verdict: "act",
    en: ["the {part} has {given}, which ours does not know and would refuse to start with", "leave it out"],
    ko: ["{part} 에 {given} 이(가) 있습니다. 우리 쪽은 이 플래그를 몰라 시작하지 않습니다", "빼세요"],
  },
  "port.metrics": {
    verdict: "note",
    en: [
      "the {part} serves /metrics at {old}; ours at 7472 over HTTP, and at --secure-metrics-port over HTTPS where asked for",
      "change what scrapes it, and firewall rules between nodes",
    ],
    ko: [
      "{part} 의 /metrics는 {old} 에 있습니다. 우리 쪽은 HTTP 7472, 요청하면 --secure-metrics-port의 HTTPS입니다",
      "수집 설정과 노드 사이 방화벽 규칙을 바꾸세요",
    ],
  },
  "port.taken": {
    verdict: "act",
    en: ["{workload} has port {port} of the nodes, which our speaker needs for {use}", "move one of the two"],
    ko: [
      "{workload} 이(가) 노드의 {port} 포트를 쓰고 있습니다. 우리 스피커가 {use} 에 씁니다",
      "둘 중 하나를 옮기세요",
    ],
  },
  "port.ring": {
    verdict: "note",
    en: [
      "our speakers hear each other over UDP {port}, too",
      "let it through between nodes; without it they fall back on memberlist, and a crash is noticed in seconds",
    ],
    ko: [
      "우리 스피커는 UDP {port} 로도 서로를 듣습니다",
      "노드 사이에서 열어 주세요. 막혀 있으면 memberlist로 돌아가고 장애를 몇 초 뒤에 압니다",
    ],
  },
  "ring.mixed": {
    verdict: "ok",
    en: ["memberlist on port {port}, encrypted: a ring of old and new speakers elects the same announcers"],
    ko: ["memberlist 포트 {port}, 암호화됨: 옛 스피커와 새 스피커가 섞여도 같은 노드를 뽑습니다"],
  },
  "ring.mixed-plain": {
    verdict: "ok",
    en: ["memberlist on port {port}: a ring of old and new speakers elects the same announcers"],
    ko: ["memberlist 포트 {port}: 옛 스피커와 새 스피커가 섞여도 같은 노드를 뽑습니다"],
  },
  "ring.off": {
    verdict: "note",
    en: [
      "memberlist is off: the old speakers take every node for one that has a speaker",
      "swap all nodes in one go, or switch memberlist on first; else a node without a speaker may be the elected one",
    ],
    ko: [
      "memberlist가 꺼져 있습니다. 옛 스피커는 모든 노드에 스피커가 있다고 봅니다",
      "모든 노드를 한 번에 바꾸거나 먼저 memberlist를 켜세요. 그러지 않으면 스피커가 없는 노드가 뽑힐 수 있습니다",
    ],
  },
  "ring.plain": {
    verdict: "note",
    en: [
      "the ring is not encrypted, for there is no {missing}",
      "start ours without a key as well (no METALLB_ML_SECRET_KEY_PATH) until every node is swapped",
    ],
    ko: [
      "링이 암호화되어 있지 않습니다. 없는 것: {missing}",
      "모든 노드를 바꿀 때까지 우리 쪽도 키 없이 시작하세요 (METALLB_ML_SECRET_KEY_PATH 없이)",
    ],
  },
  "ring.labels": {
    verdict: "act",
    en: [
      "the old speakers find each other by the labels {labels}, which are neither our manifests' nor our chart's",
      "give our Pods these labels, and --ml-labels={labels}, until every node is swapped",
    ],
    ko: [
      "옛 스피커는 {labels} 레이블로 서로를 찾습니다. 우리 매니페스트나 차트의 레이블이 아닙니다",
      "모든 노드를 바꿀 때까지 우리 파드에도 이 레이블을 붙이고 --ml-labels={labels} 를 주세요",
    ],
  },
  "ring.grace": {
    verdict: "note",
    en: [
      "old speakers have {seconds} s to say goodbye: one that is killed before is missed for 6 to 14 s",
      "swap in a quiet hour, or set terminationGracePeriodSeconds to 5 first, which restarts them once",
    ],
    ko: [
      "옛 스피커가 작별 인사를 할 시간이 {seconds}초입니다. 그 전에 죽으면 6~14초 동안 알아채지 못합니다",
      "한가한 시간에 바꾸거나 먼저 terminationGracePeriodSeconds를 5로 하세요. 스피커가 한 번 다시 시작됩니다",
    ],
  },
  "ring.settings": {
    verdict: "note",
    en: [
      "memberlist is tuned by the ConfigMap metallb-memberlist-config",
      "nothing; ours reads the same file",
    ],
    ko: [
      "memberlist가 ConfigMap metallb-memberlist-config로 조정되어 있습니다",
      "할 일이 없습니다. 우리 쪽도 같은 파일을 읽습니다",
    ],
  },
  "webhook.ok": {
    verdict: "ok",
    en: ["the webhooks refuse nothing while the controller is away"],
    ko: ["컨트롤러가 없는 동안 웹훅이 쓰기를 막지 않습니다"],
  },
  "webhook.fail": {
    verdict: "note",
    en: [
      "failurePolicy Fail: objects of metallb.io cannot be written while the controller is swapped",
      "do not change the configuration meanwhile; ours says Ignore, and judges afterwards what was written",
    ],
    ko: [
      "failurePolicy가 Fail입니다. 컨트롤러를 바꾸는 동안 metallb.io 오브젝트를 쓸 수 없습니다",
      "그동안 설정을 바꾸지 마세요. 우리 쪽은 Ignore이며 쓰인 것을 나중에 판정합니다",
    ],
  },
  "frr.extras": {
    verdict: "act",
    en: [
      "the ConfigMap bgpextras has {lines} lines of FRR configuration, which only FRR reads",
      "say what they do by fields of BGPPeer and BGPAdvertisement; docs/bgp.md lists what there is",
    ],
    ko: [
      "ConfigMap bgpextras에 FRR 설정 {lines}줄이 있습니다. FRR만 읽습니다",
      "BGPPeer와 BGPAdvertisement의 필드로 바꾸세요. 가능한 것은 docs/bgp.ko.md에 있습니다",
    ],
  },
  "frr.configurations": {
    verdict: "act",
    en: [
      "FRRConfiguration objects that MetalLB did not make: {names}. Ours does not read them",
      "keep frr-k8s for them on other ports or nodes, or do without; two BGP speakers on a node both want port 179",
    ],
    ko: [
      "MetalLB가 만들지 않은 FRRConfiguration 오브젝트: {names}. 우리 쪽은 읽지 않습니다",
      "frr-k8s를 다른 포트나 노드에서 계속 쓰거나 없이 쓰세요. 한 노드의 두 BGP 스피커는 모두 179 포트를 원합니다",
    ],
  },
  "frr.made": {
    verdict: "note",
    en: [
      "{count} FRRConfiguration objects that MetalLB's speakers made keep frr-k8s announcing after a speaker is gone",
      "delete the object of each node as its speaker is swapped: docs/migration.md, step for frr-k8s",
    ],
    ko: [
      "MetalLB 스피커가 만든 FRRConfiguration {count}개 때문에 스피커가 없어져도 frr-k8s가 계속 광고합니다",
      "노드의 스피커를 바꿀 때마다 그 오브젝트를 지우세요: docs/migration.ko.md의 frr-k8s 단계",
    ],
  },
  "config.ok": {
    verdict: "ok",
    en: ["{count} objects of metallb.io are accepted as they are"],
    ko: ["metallb.io 오브젝트 {count}개를 그대로 받아들입니다"],
  },
  "config.rejected": {
    verdict: "act",
    en: [
      "{object} would be rejected: {message}",
      "correct it before the swap; everything else stays in force",
    ],
    ko: ["{object} 이(가) 거부됩니다: {message}", "교체 전에 고치세요. 나머지는 그대로 유효합니다"],
  },
  "config.warned": {
    verdict: "note",
    en: ["{object}: {message}", "look whether it is meant so; it stops nothing"],
    ko: ["{object}: {message}", "의도한 것인지 확인하세요. 막는 것은 없습니다"],
  },
  "config.unread": {
    verdict: "act",
    en: [
      "{kinds} could not be read, so neither they nor the Services were judged",
      "ask again with more rights",
    ],
    ko: [
      "{kinds} 을(를) 읽을 수 없어 이것과 서비스를 판정하지 못했습니다",
      "더 많은 권한으로 다시 실행하세요",
    ],
  },
  "bgp.features": {
    verdict: "ok",
    en: ["{count} BGPPeers use {features}: all of it is in the speaker's own engine"],
    ko: ["BGPPeer {count}개가 {features} 을(를) 씁니다. 모두 스피커의 엔진에 있습니다"],
  },
  "bgp.plain": {
    verdict: "ok",
    en: ["{count} BGPPeers use nothing beyond a plain session"],
    ko: ["BGPPeer {count}개가 기본 세션만 씁니다"],
  },
  "bgp.obeyed": {
    verdict: "note",
    en: [
      "{names} set {fields}, which frr-k8s passes over and ours obeys",
      "look whether the value is right: a router may refuse the session for it",
    ],
    ko: [
      "{names} 에 frr-k8s가 무시하던 {fields} 이(가) 있습니다. 우리 쪽은 따릅니다",
      "값이 맞는지 확인하세요. 라우터가 세션을 거부할 수 있습니다",
    ],
  },
  "bgp.local-pref": {
    verdict: "note",
    en: [
      "{names} set no localPref and go to iBGP peers: MetalLB's native mode sent 0, ours sends the usual 100",
      "set localPref where a router compares it with other paths",
    ],
    ko: [
      "{names} 에 localPref가 없고 iBGP 피어로 갑니다. MetalLB native는 0을, 우리 쪽은 보통 값인 100을 보냅니다",
      "라우터가 다른 경로와 비교한다면 localPref를 지정하세요",
    ],
  },
  "bgp.local-pref-zero": {
    verdict: "note",
    en: [
      "{names} set localPref 0 and go to iBGP peers: FRR took that for unset and sent 100, ours sends 0, the least of all",
      "leave localPref out where that is not meant",
    ],
    ko: [
      "{names} 의 localPref가 0이고 iBGP 피어로 갑니다. FRR은 지정하지 않은 것으로 보고 100을 보냈지만 우리 쪽은 가장 낮은 0을 보냅니다",
      "의도한 것이 아니면 localPref를 빼세요",
    ],
  },
  "bgp.no-timers": {
    verdict: "note",
    en: [
      "{names} have hold time 0, as v1beta1 left it: no keepalives, so a dead router is noticed by BFD or not at all",
      "set holdTime: 90s where that is not meant",
    ],
    ko: [
      "{names} 의 hold time이 0입니다 (v1beta1의 결과). keepalive가 없어 죽은 라우터를 BFD 없이는 알 수 없습니다",
      "의도한 것이 아니면 holdTime: 90s 로 하세요",
    ],
  },
  "service.ok": {
    verdict: "ok",
    en: ["{count} Services of type LoadBalancer keep the addresses they have"],
    ko: ["LoadBalancer 타입 서비스 {count}개가 주소를 그대로 유지합니다"],
  },
  "service.moves": {
    verdict: "act",
    en: [
      "{service} would move from {has} to {wants}: {why}",
      "put its address into a pool, or let the Service ask for another one, before the swap",
    ],
    ko: [
      "{service} 이(가) {has} 에서 {wants} 로 옮겨집니다: {why}",
      "교체 전에 주소를 풀에 넣거나 서비스가 다른 주소를 요청하게 하세요",
    ],
  },
  "service.loses": {
    verdict: "act",
    en: ["{service} would lose {has}: {why}", "put its address into a pool before the swap"],
    ko: ["{service} 이(가) {has} 을(를) 잃습니다: {why}", "교체 전에 주소를 풀에 넣으세요"],
  },
  "service.gains": {
    verdict: "note",
    en: ["{service} waits at MetalLB and would get {wants}", "nothing"],
    ko: ["{service} 은(는) MetalLB에서 대기 중이며 {wants} 을(를) 받게 됩니다", "할 일이 없습니다"],
  },
  "service.records": {
    verdict: "note",
    en: ["{count} Services keep their address and get the annotation ip-allocated-from-pool", "nothing"],
    ko: [
      "서비스 {count}개가 주소를 유지하고 ip-allocated-from-pool 애너테이션을 받습니다",
      "할 일이 없습니다",
    ],
  },
  "service.legacy": {
    verdict: "note",
    en: [
      "{count} Services have annotations of metallb.universe.tf: read here as well",
      "write metallb.io/ in their place at leisure",
    ],
    ko: [
      "서비스 {count}개에 metallb.universe.tf 애너테이션이 있습니다. 여기서도 읽습니다",
      "여유 있을 때 metallb.io/ 로 바꾸세요",
    ],
  },
  "service.class": {
    verdict: "note",
    en: ["{count} Services are of other classes and are not touched: {classes}", "nothing"],
    ko: ["서비스 {count}개는 다른 클래스라 건드리지 않습니다: {classes}", "할 일이 없습니다"],
  },
  "proxy.ok": {
    verdict: "ok",
    en: ["kube-proxy in mode {mode} answers no ARP for addresses of Services"],
    ko: ["kube-proxy({mode})가 서비스 주소의 ARP에 응답하지 않습니다"],
  },
  "proxy.strict-arp": {
    verdict: "act",
    en: [
      "kube-proxy in mode ipvs without strictARP: every node answers ARP for every address, then as now",
      "metallb strictarp says what to change",
    ],
    ko: [
      "kube-proxy가 strictARP 없는 ipvs입니다. 지금도 이후에도 모든 노드가 모든 주소의 ARP에 응답합니다",
      "metallb strictarp 가 바꿀 것을 알려 줍니다",
    ],
  },
  "proxy.unknown": {
    verdict: "note",
    en: [
      "kube-proxy's configuration is not where kubeadm puts it (ConfigMap kube-system/kube-proxy)",
      "where something else stands in for it, see that it does not answer ARP for addresses of Services",
    ],
    ko: [
      "kube-proxy 설정이 kubeadm의 위치(ConfigMap kube-system/kube-proxy)에 없습니다",
      "다른 것이 대신한다면 서비스 주소의 ARP에 응답하지 않는지 확인하세요",
    ],
  },
  "other.load-balancer": {
    verdict: "note",
    en: [
      "{name} is here and gives addresses to Services, too ({where})",
      "nothing new: what kept it and MetalLB apart, a loadBalancerClass say, keeps it and ours apart",
    ],
    ko: [
      "{name} 도 서비스에 주소를 줍니다 ({where})",
      "달라지는 것은 없습니다. loadBalancerClass처럼 지금 MetalLB와 나누던 방법이 그대로 통합니다",
    ],
  },
  "other.bgp": {
    verdict: "note",
    en: [
      "{name} speaks BGP on the nodes, too ({where})",
      "a router takes one session a pair of addresses: peer ours with another address or router, as with MetalLB. Ours listens on 179 only for peers with metallb.io/connection-mode",
    ],
    ko: [
      "{name} 도 노드에서 BGP를 씁니다 ({where})",
      "라우터는 주소 쌍마다 세션 하나만 받습니다. MetalLB와 같이 다른 주소나 라우터를 쓰세요. 우리 쪽은 metallb.io/connection-mode가 있는 피어에만 179를 엽니다",
    ],
  },
  "psa.ok": {
    verdict: "ok",
    en: ["namespace {namespace} lets the speaker use the host's network (pod-security {level})"],
    ko: ["네임스페이스 {namespace} 에서 스피커가 호스트 네트워크를 쓸 수 있습니다 (pod-security {level})"],
  },
  "psa.refuses": {
    verdict: "act",
    en: [
      "namespace {namespace} enforces pod-security {level}: the speaker's Pods would be refused",
      "kubectl label namespace {namespace} pod-security.kubernetes.io/enforce=privileged --overwrite",
    ],
    ko: [
      "네임스페이스 {namespace} 가 pod-security {level} 을(를) 강제합니다. 스피커 파드가 거부됩니다",
      "kubectl label namespace {namespace} pod-security.kubernetes.io/enforce=privileged --overwrite",
    ],
  },
  "unread.refused": {
    verdict: "note",
    en: ["{what} could not be read: {why}", "what rests on it was not checked"],
    ko: ["{what} 을(를) 읽을 수 없습니다: {why}", "이것에 따른 내용은 확인하지 못했습니다"],
  },
} as const satisfies Record<string, Row>;

export type FindingCode = keyof typeof findingTexts;

const frame = {
  en: {
    ok: "OK",
    note: "note",
    act: "must act",
    toDo: "to do",
    summary: "{act} to act upon, {note} to know, {ok} in order",
    head: "Replacing MetalLB in namespace {namespace}",
  },
  ko: {
    ok: "정상",
    note: "참고",
    act: "조치 필요",
    toDo: "할 일",
    summary: "조치 필요 {act}건, 참고 {note}건, 정상 {ok}건",
    head: "네임스페이스 {namespace} 의 MetalLB 교체",
  },
} as const;

export function framesFor(environment: Readonly<Record<string, string | undefined>>) {
  const language = languageOf(environment);
  return { language, words: frame[language] };
}
