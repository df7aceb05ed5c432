/** No particle follows a value: which one is right depends on how the value ends. */
const where = "{{ $labels.instance }}";
const peer = `${where} ↔ {{ $labels.peer }}:`;
const usage = (percent: number) => ({
  summary: `풀 {{ $labels.pool }}: 주소를 ${percent} % 넘게 쓰고 있습니다`,
  description:
    '서비스가 풀 주소의 {{ printf "%.0f" $value }} %를 가지고 있습니다. 범위를 더하거나 다른 풀을 만드세요.',
});

/** The alerts' annotations in Korean, by name. */
export const koreanAlerts: Readonly<Record<string, { summary: string; description: string }>> = {
  MetalLBStaleConfig: {
    summary: `${where}: 설정 오브젝트가 거절되었습니다`,
    description:
      "다른 오브젝트는 적용되어 있습니다. 어느 것이 왜 거절되었는지는 kubectl get configurationstates -A 또는 콘솔에 있습니다.",
  },
  MetalLBConfigNotLoaded: {
    summary: `${where}: 설정을 읽지 못했습니다`,
    description: "API 서버가 응답하지 않거나 목록 조회를 거절했습니다. 어느 쪽인지는 파드의 로그에 있습니다.",
  },
  MetalLBAddressPoolExhausted: {
    summary: "풀 {{ $labels.pool }}: 남은 주소가 없습니다",
    description: "이 풀의 주소를 요청하는 다음 서비스는 대기합니다. 범위를 더하거나 다른 풀을 만드세요.",
  },
  MetalLBAddressPoolUsage75Percent: usage(75),
  MetalLBAddressPoolUsage85Percent: usage(85),
  MetalLBAddressPoolUsage95Percent: usage(95),
  MetalLBBGPSessionDown: {
    summary: `${peer} BGP 세션이 내려갔습니다`,
    description: "세션의 마지막 오류는 콘솔의 BGP 페이지와 kubectl get bgpsessionstates -A에 있습니다.",
  },
  MetalLBServicePending: {
    summary: "5분 넘게 주소를 기다리는 서비스가 있습니다",
    description: "무엇을 기다리는지는 kubectl describe service, metallb explain, 콘솔이 말합니다.",
  },
  MetalLBIPAllocationFailure: {
    summary: "주소를 줄 수 없었습니다: {{ $labels.reason }}",
    description:
      "풀 {{ $labels.pool }}. 한 풀의 탓이 아니면 비어 있습니다. 서비스의 이벤트에 더 자세히 있습니다.",
  },
  MetalLBPoolsVanished: {
    summary: "모든 주소 풀이 사라졌고, 서비스는 가진 주소를 유지합니다",
    description: "새 주소는 주지 않습니다. IPAddressPool을 다시 적용하면 주소를 그대로 이어받습니다.",
  },
  MetalLBServiceNotAnnounced: {
    summary: "{{ $labels.service }}: 가진 주소를 아무 노드도 광고하지 않습니다",
    description:
      "준비된 엔드포인트가 없거나, 광고 설정이 없거나, 자격 있는 노드가 없습니다. 어느 것인지는 metallb explain service가 말합니다.",
  },
  MetalLBTwoAnnouncers: {
    summary: "{{ $labels.ip }}: 노드 {{ $value }}개가 레이어 2로 광고합니다",
    description: "서로를 보지 못하고 있습니다. 스피커마다 보이는 구성원과 그 사이의 네트워크를 비교하세요.",
  },
  MetalLBAddressConflict: {
    summary: "{{ $labels.ip }}: 다른 호스트가 응답합니다",
    description: "본 노드: {{ $labels.node }}. 상대의 MAC 주소는 콘솔과 서비스의 이벤트에 있습니다.",
  },
  MetalLBAnnouncersUnsteady: {
    summary: "30분 동안 주소마다 세 번 넘게 노드를 옮겼습니다",
    description:
      "노드가 오락가락하거나 스피커끼리 보내는 것을 네트워크가 잃고 있습니다. 메트릭의 cause 레이블을 보세요.",
  },
  MetalLBHighARPTraffic: {
    summary: "노드 {{ $labels.node }}: {{ $labels.ip }}에 대한 질문이 초당 100번을 넘습니다",
    description: "스캔, 네트워크 루프, 또는 응답을 받지 못하는 호스트일 수 있습니다.",
  },
  MetalLBARPResponseFailure: {
    summary: "노드 {{ $labels.node }}: {{ $labels.ip }}에 대한 요청의 절반도 응답하지 않습니다",
    description: "인터페이스가 내려갔거나 전송이 실패하고 있을 수 있습니다. 스피커의 로그에 있습니다.",
  },
  MetalLBBGPFlapping: {
    summary: `${peer} BGP 세션이 올라왔다 내려갔다 합니다`,
    description: "15분 동안 {{ $value }}번 바뀌었습니다. 마지막 오류는 콘솔의 BGP 페이지에 있습니다.",
  },
  MetalLBBGPNothingAnnounced: {
    summary: `${where} → {{ $labels.peer }}: 알리는 프리픽스가 없습니다`,
    description:
      "다른 피어에게는 알리고 있습니다. 광고가 피어를 지정하거나 서비스가 다른 노드에만 있다면 의도된 것입니다.",
  },
  MetalLBBFDSessionDown: {
    summary: `${peer} BFD 세션이 내려갔습니다`,
    description: "다시 올라올 때까지 그것이 지키는 BGP 세션도 내려가 있습니다.",
  },
  MetalLBBFDFlapping: {
    summary: `${peer} BFD 세션이 올라왔다 내려갔다 합니다`,
    description: "간격이 경로나 라우터의 CPU가 따라갈 수 있는 것보다 짧을 수 있습니다.",
  },
  MetalLBControllerAbsent: {
    summary: "수집되는 컨트롤러가 없습니다",
    description: "광고는 계속되지만 서비스가 주소를 받지 못하고, 풀에 관한 알림은 하나도 울릴 수 없습니다.",
  },
  MetalLBSpeakerMissing: {
    summary: "스피커 {{ $value }}개가 컨트롤러에 응답하지 않습니다",
    description: "콘솔의 스피커 페이지에 이름이 있습니다. 그들이 광고하던 것은 다른 스피커가 광고합니다.",
  },
  MetalLBMembersDisagree: {
    summary: "누가 살아 있는지에 대해 스피커들의 판단이 다릅니다",
    description: "일부 노드 사이에서 7946 포트(TCP, UDP)나 7947 포트(UDP)가 막혀 있을 수 있습니다.",
  },
  MetalLBCachedState: {
    summary: `${where}: 5분 동안 API 서버에 닿지 못했습니다`,
    description: "광고 중인 것은 그대로입니다. 서비스와 엔드포인트의 변화는 보이지 않습니다.",
  },
  MetalLBForbidden: {
    summary: `${where}: API 서버가 {{ $labels.verb }} {{ $labels.resource }} 권한을 거절합니다`,
    description: "이 버전의 ClusterRole과 Role을 다시 적용하세요.",
  },
  MetalLBCertificateEnds: {
    summary: `${where}: {{ $labels.use }} 인증서가 {{ $value | humanizeDuration }} 뒤에 끝납니다`,
    description:
      "여기서 만든 인증서는 훨씬 전에 갱신됩니다. --*-cert-dir 폴더에 인증서를 쓰는 쪽이 갱신해야 합니다.",
  },
  MetalLBVersionSkew: {
    summary: "버전 {{ $value }}개가 함께 돌고 있습니다",
    description: "업그레이드 중에는 맞습니다. 멈춘 롤아웃은 kubectl rollout status가 보여 줍니다.",
  },
  MetalLBEventLoopLag: {
    summary: `${where}: 메인 스레드가 늦게 돕니다`,
    description:
      "{{ $value | humanizeDuration }} 늦습니다. 노드의 CPU가 모자라거나, 알려 주셔야 할 우리 쪽 결함입니다.",
  },
};

/** What stands on the dashboard, in Korean, by the English text. */
export const koreanDashboard: Readonly<Record<string, string>> = {
  "At a glance": "한눈에",
  "Services that wait for an address": "주소를 기다리는 서비스",
  "Addresses in conflict": "충돌 중인 주소",
  "BGP sessions up": "올라온 BGP 세션",
  "BGP sessions down": "내려간 BGP 세션",
  "Speakers that answer": "응답하는 스피커",
  "Objects of the configuration that are rejected": "거절된 설정 오브젝트",
  Addresses: "주소",
  "Use of each pool": "풀별 사용률",
  "LoadBalancer usage": "LoadBalancer 사용량",
  "in use": "사용 중",
  free: "남음",
  "Addresses in use, by pool": "풀별 사용 중인 주소",
  "Addresses by namespace": "네임스페이스별 주소",
  "Addresses in use over time": "IP 할당 추세",
  "Allocations that failed": "실패한 할당",
  "LoadBalancer list": "LoadBalancer 목록",
  "Every address that is announced, and by which node.": "광고 중인 모든 주소와 광고하는 노드.",
  Service: "서비스",
  LoadBalancer: "LoadBalancer",
  Protocol: "프로토콜",
  Node: "노드",
  "Held, but announced by nobody": "가졌지만 아무도 광고하지 않음",
  "Services without a ready endpoint, without an advertisement, or without a node that may.":
    "준비된 엔드포인트, 광고 설정, 자격 있는 노드 중 하나가 없는 서비스.",
  "Layer 2": "레이어 2",
  "ARP and NDP requests": "ARP·NDP 요청",
  Answers: "응답",
  "Unasked announcements": "요청 없이 보낸 광고",
  "Announced addresses, by node": "노드별 광고 중인 주소",
  "Changes of announcer, by cause": "원인별 광고 노드 변경",
  "Takeovers: 95 % were faster than": "인계: 95 %가 이보다 빨랐음",
  "BGP and BFD": "BGP와 BFD",
  "BGP sessions": "BGP 세션",
  Speaker: "스피커",
  Peer: "피어",
  VRF: "VRF",
  Up: "올라옴",
  "Announced prefixes": "광고한 프리픽스",
  "UPDATE messages sent": "보낸 UPDATE 메시지",
  "BFD sessions up": "올라온 BFD 세션",
  "BFD sessions that went down": "내려간 BFD 세션",
  Health: "상태",
  "Fellow speakers alive, as each one sees it": "스피커마다 살아 있다고 보는 동료",
  "Calls of the API server: 95 % were faster than": "API 서버 호출: 95 %가 이보다 빨랐음",
  "Decisions: 95 % were faster than": "결정: 95 %가 이보다 빨랐음",
  "Running on cached state": "캐시된 상태로 동작 중",
  "Delay of the main thread": "메인 스레드의 지연",
  Memory: "메모리",
};
