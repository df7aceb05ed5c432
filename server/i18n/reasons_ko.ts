import type { ReasonCode } from "#core/reason/mod.ts";

/**
 * The sentences of `#core/reason` in Korean. A test proves that every code is here with the same placeholders; one
 * that is missing while two rooms are being changed is shown in English. A particle never follows a placeholder but a
 * noun set after it (`{node} 노드는`), so that it fits any value.
 */
export const reasonsKo: Readonly<Partial<Record<ReasonCode, string>>> = {
  "service.not-load-balancer": 'spec.type 값이 LoadBalancer가 아니라 "{type}"입니다',
  "service.other-class":
    'spec.loadBalancerClass 값이 "{class}"입니다. 이 컨트롤러는 "{served}" 클래스를 맡습니다',
  "service.no-cluster-ip": "서비스에 아직 clusterIP가 없습니다",
  "service.cluster-ips-malformed":
    "spec.clusterIPs 값이 {text}입니다. 주소가 하나이거나 IPv4와 IPv6가 하나씩이어야 서비스의 주소 체계를 알 수 있습니다",
  "service.not-enough-cluster-ips":
    "spec.ipFamilyPolicy가 RequireDualStack인데 spec.clusterIPs 값이 {text}입니다. IPv4와 IPv6가 하나씩 있어야 합니다",
  "service.status-malformed":
    "status.loadBalancer.ingress 값이 {text}입니다. 주소 하나, 또는 IPv4와 IPv6를 하나씩 쓸 수 있습니다",
  "service.adopting":
    "컨트롤러가 방금 시작했습니다. 새 주소를 주기 전에 서비스들이 쓰고 있는 주소부터 등록합니다",
  "service.following":
    "이 컨트롤러 복제본은 대기 중이라 서비스가 지닌 주소를 보여 주기만 합니다. 주소는 리더가 할당합니다",
  "service.other-addresses-asked": "서비스가 {wanted} 주소를 요청했는데, 지금 쓰는 주소는 {held}입니다",
  "service.other-pool-asked":
    '서비스가 "{wanted}" 풀을 요청했는데, 지금 쓰는 {address} 주소는 "{actual}" 풀의 것입니다',
  "service.second-address-missing":
    "ipFamilyPolicy가 PreferDualStack인데 {address} 주소 말고 둘째 주소가 없습니다: {details}",
  "service.assigned": '"{pool}" 풀에서 {address} 주소를 할당했습니다',
  "service.kept": '"{pool}" 풀의 {address} 주소를 그대로 씁니다',
  "pool.none": "컨트롤러의 네임스페이스에 IPAddressPool이 하나도 없습니다",
  "pool.all-vanished":
    "IPAddressPool이 하나도 없습니다. 풀이 생길 때까지 서비스는 받은 주소를 그대로 쓰고, 새 주소는 주지 않습니다",
  "pool.chosen": '"{pool}" 풀이 이 서비스를 맡습니다',
  "pool.unknown": '"{pool}" IPAddressPool이 없습니다. 있는 풀: {known}',
  "pool.exhausted": '"{pool}" 풀에 남은 {family} 주소가 없습니다. {total}개 중 {used}개를 쓰고 있습니다',
  "pool.exhausted-kept-back":
    '"{pool}" 풀에 남은 {family} 주소가 없습니다. {total}개 중 {used}개를 쓰고 있고, {reserved}개는 다른 서비스에 예약되어 있으며, {cooling}개는 다시 쓰기 전 대기 중입니다',
  "pool.quota":
    '"{namespace}" 네임스페이스는 "{pool}" 풀의 주소를 {held}개 가지고 있으며, 할당량은 {limit}개입니다(metallb.io/quota-per-namespace)',
  "address.excluded": '"{pool}" 풀은 {address} 주소를 제외합니다(metallb.io/exclude-addresses)',
  "address.reserved": '"{pool}" 풀은 {address} 주소를 {service} 서비스에 예약해 두었습니다',
  "address.cooling":
    '{address} 주소가 반납된 지 {seconds}초가 지나지 않았습니다. "{pool}" 풀은 그 시간이 지난 뒤에 다시 내줍니다(metallb.io/reuse-after)',
  "address.kept-excluded":
    '"{pool}" 풀은 이제 {address} 주소를 제외합니다. 이 서비스는 스스로 내놓을 때까지 그 주소를 유지합니다',
  "address.kept-reserved":
    '"{pool}" 풀은 {address} 주소를 {service} 서비스에 예약해 두었습니다. 이 서비스는 먼저 가지고 있었으므로 스스로 내놓을 때까지 유지합니다',
  "address.kept-removed":
    '{address} 주소는 더 이상 "{pool}" 풀에 없습니다. 풀의 설정(metallb.io/on-removal: keep)에 따라 이 서비스가 계속 유지합니다',
  "address.kept-pool-held":
    '{address} 주소를 유지합니다. 다만 "{pool}" 풀은 지금 적용되지 않습니다. 거부되었거나, 방금 삭제되었거나, 다른 모든 풀과 함께 사라졌습니다',
  "pool.held":
    '"{pool}" 풀이 거부되었거나 삭제되는 중입니다. 이미 받은 서비스는 주소를 그대로 쓰고, 새 주소는 주지 않습니다',
  "pool.one-family-only":
    '"{pool}" 풀은 지금 {family} 주소만 줄 수 있습니다. PreferDualStack에서는 두 가지를 모두 주는 풀이 먼저입니다',
  "pool.no-family": '"{pool}" 풀에는 {family} 주소가 없습니다',
  "pool.not-auto-assign": '"{pool}" 풀은 autoAssign: false라서 이 풀을 지정한 서비스에만 주소를 줍니다',
  "pool.namespace-not-allowed": '"{pool}" 풀은 "{namespace}" 네임스페이스에 주소를 주지 않습니다',
  "pool.service-not-selected": '"{pool}" 풀은 레이블로 서비스를 고르는데, 이 서비스에는 그 레이블이 없습니다',
  "pool.all-failed": "이 서비스에 주소를 줄 수 있는 풀이 없습니다: {details}",
  "address.malformed": '"{text}" 값은 IP 주소가 아닙니다',
  "address.outside-pools": "{address} 주소는 어느 IPAddressPool에도 없습니다. 있는 범위: {ranges}",
  "address.other-pool": '{address} 주소는 "{actual}" 풀에 있는데, 서비스는 "{wanted}" 풀을 요청했습니다',
  "address.two-pools":
    '{first} 주소는 "{firstPool}" 풀에, {second} 주소는 "{secondPool}" 풀에 있습니다. 둘 다 한 풀에서 와야 합니다',
  "address.taken": "{address} 주소는 {holder} 서비스가 쓰고 있습니다",
  "address.port-taken": "{address} 주소를 함께 쓸 수 없습니다. {port} 포트를 {holder} 서비스가 쓰고 있습니다",
  "address.sharing-key":
    '{address} 주소를 쓰는 {holder} 서비스의 공유 키는 "{theirs}"이고, 이 서비스의 키는 "{ours}"입니다',
  "address.sharing-policy":
    "{address} 주소를 함께 쓰는 {holder} 서비스와 externalTrafficPolicy 또는 셀렉터가 다릅니다",
  "address.buggy": '{address} 주소는 .0 또는 .255로 끝나서 "{pool}" 풀이 피합니다(avoidBuggyIPs)',
  "address.family": "서비스에는 {wanted} 주소가 필요한데, {address} 주소는 {actual}입니다",
  "address.same-family":
    "{first} 주소와 {second} 주소가 모두 {family}입니다. 주소 하나, 또는 IPv4와 IPv6를 하나씩 쓸 수 있습니다",
  "address.too-many": "주소를 {count}개 요청했습니다. 하나, 또는 IPv4와 IPv6를 하나씩 요청할 수 있습니다",
  "address.two-requests":
    "spec.loadBalancerIP와 애너테이션 metallb.io/loadBalancerIPs가 모두 있습니다. 둘 중 하나만 쓸 수 있습니다",
  "announce.no-advertisement": '"{pool}" 풀을 고르는 {protocol} 광고가 없습니다',
  "announce.selected": '이 {protocol} 광고가 "{pool}" 풀과 이 서비스를 고릅니다',
  "announce.other-pool": '이 {protocol} 광고는 "{pool}" 풀을 고르지 않습니다',
  "announce.service-not-selected":
    "이 {protocol} 광고는 레이블로 서비스를 고르는데, 이 서비스에는 그 레이블이 없습니다",
  "announce.no-endpoints": "서비스에 준비된 엔드포인트가 없습니다",
  "announce.no-local-endpoints":
    "externalTrafficPolicy가 Local인데, {node} 노드에 준비된 엔드포인트가 없습니다",
  "announce.node-not-selected": "{node} 노드는 어느 광고의 nodeSelector에도 맞지 않습니다",
  "announce.node-excluded":
    "{node} 노드에 node.kubernetes.io/exclude-from-external-load-balancers 레이블이 있습니다",
  "announce.node-network-unavailable": "{node} 노드의 상태가 NetworkUnavailable입니다",
  "announce.speaker-absent": "{node} 노드에 살아 있는 스피커가 없습니다",
  "announce.won": "후보 {count}개를 sha256(노드#주소) 순서로 세우면 {node} 노드가 맨 앞입니다",
  "announce.lost": "sha256(노드#주소) 순서에서 {winner} 노드가 {node} 노드보다 앞입니다",
  "announce.won-preference":
    "후보 {count}개 가운데 {node} 노드의 preferredNodeSelectors 가중치 합이 가장 큽니다({weight})",
  "announce.won-incumbent":
    "후보 {count}개 가운데 지금 이 주소를 가진 {node} 노드가 복귀 정책(metallb.io/failback)에 따라 계속 광고합니다",
  "announce.won-older-endpoint":
    "다른 후보의 엔드포인트는 생긴 지 metallb.io/endpoint-delay가 정한 시간이 지나지 않아, 후보 {count}개 가운데 {node} 노드가 맨 앞입니다",
  "announce.won-spread":
    "후보 {count}개에 주소를 고르게 나누어, 이 주소는 {node} 노드가 맡습니다(metallb.io/spread: bounded)",
  "announce.last-resort":
    "후보 {count}개가 모두 응답할 수 없거나 비우는 중이거나 억제되어 있습니다. 아무도 광고하지 않는 일이 없도록 그중 맨 앞인 {node} 노드가 광고합니다",
  "announce.lost-preference":
    "preferredNodeSelectors의 가중치 합이 {node} 노드는 {ours}, {winner} 노드는 {theirs}입니다",
  "announce.not-answering":
    "{node} 노드의 스피커가 자기 주소에 응답하지 못한다고 알려 왔습니다. 다른 노드가 먼저입니다",
  "announce.no-usable-interface":
    "{node} 노드에 켜져 있고 링크가 연결된 인터페이스가 없습니다. 다른 노드가 먼저입니다",
  "announce.no-matching-interface":
    "{node} 노드에서 광고가 지정한 인터페이스({interfaces}) 가운데 켜져 있고 링크가 연결된 것이 없습니다. 다른 노드가 먼저입니다",
  "announce.no-connected-route":
    "{node} 노드에는 광고가 지정한 인터페이스로 {address} 주소에 바로 닿는 경로가 없습니다(metallb.io/require-connected-route). 다른 노드가 먼저입니다",
  "announce.draining": "{node} 노드는 비우는 중입니다(metallb.io/drain). 다른 노드가 먼저입니다",
  "announce.damped":
    "{node} 노드는 짧은 시간에 {flaps}번 끊겼습니다. {until} 시각까지 다른 노드가 먼저입니다",
  "announce.held-back":
    "{node} 노드가 복귀 정책이 정한 시간만큼 안정되는 {until} 시각까지 {winner} 노드가 먼저입니다(metallb.io/failback)",
  "announce.endpoint-young":
    "{node} 노드에는 첫 엔드포인트가 방금 생겨 kube-proxy가 아직 준비되지 않았을 수 있습니다. {until} 시각까지 {winner} 노드가 먼저입니다(metallb.io/endpoint-delay)",
  "announce.incumbent-stays":
    "{winner} 노드가 주소를 계속 가집니다. {node} 노드는 광고를 계속할 수 있는 노드의 주소를 넘겨받지 않습니다(metallb.io/failback: never)",
  "announce.spread-elsewhere":
    "주소를 고르게 나눈 결과 이 주소는 {node} 노드가 아니라 {winner} 노드가 맡습니다(metallb.io/spread: bounded)",
  "announce.extras-off":
    "MetalLB의 순서만 따릅니다. 자기 상태를 알리지 않는 살아 있는 스피커가 {count}개 있어서(예: {node} 노드) 비우기, 억제, 복귀 정책, 고른 분배, 인터페이스를 고려하지 않습니다",
  "announce.shared-with-service-selectors":
    "서비스에 allow-shared-ip가 있는데 {advertisement} L2Advertisement가 레이블로 서비스를 고릅니다. MetalLB와 같이 이런 서비스는 광고하지 않습니다. 둘 중 하나만 쓰십시오",
  "announce.no-candidate": "이 주소를 광고할 수 있는 노드가 없습니다",
  "announce.not-yet": "{node} 노드가 광고해야 하는데, 그 스피커가 아직 그렇다고 하지 않습니다",
  "announce.over-bgp": "{node} 노드가 이 주소를 BGP로 광고합니다",
  "announce.all-nodes": "노드 {count}개가 이 주소를 BGP로 광고합니다",
  "conflict.owned":
    "다른 호스트(MAC {mac})도 {node} 노드의 인터페이스 {interface}에서 {address} 주소로 말하고 있습니다. 이 노드는 MAC {ownMac} 주소로 광고합니다. 둘 중 하나는 그 주소를 내놓아야 합니다",
  "conflict.probe":
    "다른 호스트(MAC {mac})가 이미 {address} 주소를 쓰고 있습니다. {node} 노드의 인터페이스 {interface}(MAC {ownMac})에서 들었고, 그 호스트가 주소를 내놓으면 광고합니다",
  "conflict.two-nodes": "여러 노드가 이 주소를 광고한다고 말합니다: {nodes}",
  "ring.blocked":
    "{node} 노드의 UDP {port} 포트에서 아무 소리도 들리지 않습니다. memberlist만으로 판단하므로 승계에 0.6초가 아니라 6~14초가 걸립니다. 모든 노드 사이에 이 포트를 여세요",
  "lint.node-address":
    "{range} 범위에 노드 {count}개의 InternalIP가 들어 있습니다(예: {node} 노드의 {address}). 서비스가 그 주소를 받으면 노드로 갈 트래픽을 가로챕니다. 노드 주소는 풀에서 빼거나 metallb.io/exclude-addresses에 적으십시오",
  "lint.gateway":
    "{range} 범위에 게이트웨이 {address} 주소가 들어 있습니다. 서비스가 그 주소를 받으면 네트워크 전체의 트래픽을 가로챕니다. 풀에서 빼거나 metallb.io/exclude-addresses에 적으십시오",
  "lint.pod-cidr":
    "{range} 범위가 {node} 노드의 파드 대역 {cidr} 주소와 겹칩니다. 파드 네트워크 밖의 주소를 고르십시오",
  "lint.cluster-ip":
    "{range} 범위에 clusterIP {count}개가 들어 있습니다(예: {service} 서비스의 {address}). 서비스 네트워크 밖의 주소를 고르십시오",
  "lint.pool-unadvertised":
    "이 풀을 고르는 L2Advertisement도 BGPAdvertisement도 없어서, 이 풀의 주소에는 아무도 닿을 수 없습니다",
  "lint.pool-missing":
    '쓰이고 있는 "{pool}" IPAddressPool이 없습니다. 생길 때까지 이 항목은 아무것도 고르지 않습니다',
  "lint.no-pool": "셀렉터에 맞는 IPAddressPool이 없어서 아무것도 광고하지 않습니다",
  "lint.no-node": "노드 {count}개 가운데 셀렉터에 맞는 것이 없어서 아무 효과가 없습니다",
  "lint.peer-missing":
    '쓰이고 있는 "{peer}" BGPPeer가 없습니다. 생길 때까지 이 항목으로는 아무것도 보내지 않습니다',
  "lint.aggregate-local":
    "/{length} 단위로 묶어 광고하는데, 그 풀에 externalTrafficPolicy가 Local인 서비스가 {count}개 있습니다(예: {service}). 그중 하나의 엔드포인트만 있는 노드도 전체의 트래픽을 끌어와서 나머지를 버립니다. /{full} 단위로 광고하거나 externalTrafficPolicy를 Cluster로 하십시오",
  "lint.failback-differs":
    "{other} L2Advertisement도 {pool} 풀의 서비스를 광고하며 더 긴 복귀 시간을 요구합니다. 그런 서비스에는 가장 긴 시간이 적용되니 둘의 metallb.io/failback을 같게 하십시오",
  "lint.spread-partial":
    "{other} L2Advertisement도 {pool} 풀의 서비스를 광고하는데 metallb.io/spread가 없습니다. 그런 서비스는 고르게 나누지 않으니 둘 다 지정하거나 둘 다 빼십시오",
  "lint.local-without-selector":
    "externalTrafficPolicy가 Local인데 spec.selector가 비어 있어서, 정책이 Cluster인 {other} 서비스와 {address} 주소를 함께 씁니다. 로컬 엔드포인트가 없는 노드가 트래픽을 끌어와 버릴 수 있습니다",
  "right.controller-services":
    "{part} – {verb} {resource} 권한이 없습니다. 서비스가 보이지 않아 새 주소를 주지 못합니다. 이미 받은 주소는 그대로 둡니다",
  "right.service-status":
    "{part} – {verb} {resource} 권한이 없습니다. 주소를 정해도 적지 못해 서비스가 계속 대기합니다",
  "right.namespaces":
    "{part} – {verb} {resource} 권한이 없습니다. 라벨로 네임스페이스를 고르는 풀은 아무것도 고르지 못합니다",
  "right.controller-nodes":
    "{part} – {verb} {resource} 권한이 없습니다. 어느 노드가 왜 주소를 광고하는지 콘솔에 나오지 않습니다",
  "right.controller-endpoints":
    "{part} – {verb} {resource} 권한이 없습니다. 서비스의 엔드포인트 수가 콘솔에 나오지 않습니다",
  "right.controller-pods":
    "{part} – {verb} {resource} 권한이 없습니다. 스피커를 찾지 못해 콘솔에 아무것도 나오지 않습니다",
  "right.read-events": "{part} – {verb} {resource} 권한이 없습니다. 서비스의 이벤트가 콘솔에 나오지 않습니다",
  "right.controller-secrets":
    "{part} – {verb} {resource} 권한이 없습니다. 웹훅 인증서와 스피커 링의 키를 만들거나 보관하지 못합니다",
  "right.leases":
    "{part} – {verb} {resource} 권한이 없습니다. 쓰기를 맡을 하나를 정하지 못하므로 컨트롤러가 하나뿐일 때만 계속합니다",
  "right.write-events":
    "{part} – {verb} {resource} 권한이 없습니다. 일어난 일을 이벤트로 알리지 못합니다. 로그와 콘솔에는 그대로 나옵니다",
  "right.controller-token-reviews":
    "{part} – {verb} {resource} 권한이 없습니다. 아무도 콘솔에 로그인하지 못합니다",
  "right.speaker-token-reviews":
    "{part} – {verb} {resource} 권한이 없습니다. 이 스피커는 상태를 묻는 요청을 모두 거절하므로 콘솔에 아무것도 나오지 않습니다",
  "right.access-reviews":
    "{part} – {verb} {resource} 권한이 없습니다. HTTPS 메트릭을 아무에게도 내주지 않습니다",
  "right.webhooks":
    "{part} – {verb} {resource} 권한이 없습니다. 누구를 믿어야 하는지 API 서버에 알리지 못해 웹훅이 불리지 않습니다",
  "right.pool-reservations":
    "{part} – {verb} {resource} 권한이 없습니다. 서비스의 예약을 풀에 적지 못해 서비스가 사라지면 예약도 잊습니다",
  "right.pool-status":
    "{part} – {verb} {resource} 권한이 없습니다. 풀의 status에 쓰는 주소 수가 나오지 않습니다",
  "right.pools":
    "{part} – {verb} {resource} 권한이 없습니다. IPAddressPool이 보이지 않아 마지막으로 알던 것만 유효합니다",
  "right.speaker-services":
    "{part} – {verb} {resource} 권한이 없습니다. 서비스가 보이지 않아 스피커가 다시 시작하면 아무것도 광고하지 않습니다",
  "right.speaker-endpoints":
    "{part} – {verb} {resource} 권한이 없습니다. 엔드포인트가 보이지 않아 스피커가 다시 시작하면 아무것도 광고하지 않습니다",
  "right.speaker-nodes":
    "{part} – {verb} {resource} 권한이 없습니다. 노드가 보이지 않아 스피커가 다시 시작하면 광고할 노드를 뽑지 못합니다",
  "right.speaker-pods":
    "{part} – {verb} {resource} 권한이 없습니다. 다른 스피커를 찾지 못해 두 노드가 같은 주소를 광고할 수 있습니다",
  "right.passwords":
    "{part} – {verb} {resource} 권한이 없습니다. BGPPeer가 Secret으로 지정한 암호를 읽지 못해 세션이 열리지 않습니다",
  "right.l2-advertisements":
    "{part} – {verb} {resource} 권한이 없습니다. L2Advertisement가 보이지 않아 레이어 2로 새로 광고하지 못합니다",
  "right.bgp-advertisements":
    "{part} – {verb} {resource} 권한이 없습니다. BGPAdvertisement가 보이지 않아 BGP로 새로 광고하지 못합니다",
  "right.peers": "{part} – {verb} {resource} 권한이 없습니다. BGPPeer가 보이지 않아 새 세션을 열지 못합니다",
  "right.bfd-profiles":
    "{part} – {verb} {resource} 권한이 없습니다. BFDProfile이 보이지 않아 그것을 가리키는 피어를 거부합니다",
  "right.communities":
    "{part} – {verb} {resource} 권한이 없습니다. Community가 보이지 않아 별칭을 쓰는 광고를 거부합니다",
  "right.configuration-states":
    "{part} – {verb} {resource} 권한이 없습니다. ConfigurationState 객체에 구성이 유효한지 적지 못합니다",
  "right.l2-statuses":
    "{part} – {verb} {resource} 권한이 없습니다. ServiceL2Status 객체에 누가 광고하는지 적지 못합니다. 광고는 계속합니다",
  "right.bgp-statuses":
    "{part} – {verb} {resource} 권한이 없습니다. ServiceBGPStatus와 BGPSessionState 객체에 피어별 광고를 적지 못합니다. 광고는 계속합니다",
  "right.other": "{part} – {verb} {resource} 권한이 없습니다. 그 권한이 필요한 부분이 동작하지 않습니다",
  "move.first": "처음으로 광고했습니다",
  "move.node-lost": "{from} 노드의 응답이 끊겼습니다",
  "move.left": "{from} 노드의 스피커가 물러났습니다",
  "move.preferred": "이제 {to} 노드가 맨 앞입니다",
  "move.withdrawn": "더는 이 주소를 광고하지 않습니다",
};
