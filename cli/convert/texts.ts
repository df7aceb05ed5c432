import { type Say as SayOf, sayer } from "../say.ts";

/** What a conversion says of one place of the old configuration, and of an input in which it finds none. */
const english = {
  "field-unknown": "MetalLB had no such field; known here: {known}",
  malformed: "{found} is not {wanted}",
  "name-missing": "it has no name, so nothing can be made of it",
  "name-duplicate":
    '"{name}" is already the name of {first}; MetalLB refused such a configuration as a whole',
  "protocol-unknown": '"{found}" is neither layer2 nor bgp: the pool is carried, but nothing announces it',
  "protocol-missing":
    "it is missing: the pool is carried, but nothing announces it; layer2 and bgp are allowed",
  "advertisements-of-layer2": "a layer2 pool has no bgp-advertisements; MetalLB refused them",
  "no-peers": "no peers are listed: pools with protocol bgp reach no router until a BGPPeer is made",
  "pool-renamed":
    '"{old}" cannot be the name of an object; it is "{name}" now. Services that ask for the pool by the annotation address-pool must ask for the new name',
  "profile-renamed": '"{old}" cannot be the name of an object; it is "{name}" now, also where peers name it',
  "password-plain":
    "the password stands in the BGPPeer, for all who may read BGPPeers; a Secret named by passwordSecret keeps it",
  "input.malformed": "it is not YAML: {detail}",
  "input.empty": "it is empty",
  "input.no-config-key":
    "the ConfigMap has no data.config; MetalLB before 0.13 read its configuration from there",
  "input.several": "{count} ConfigMaps have a data.config ({names}); give one of them",
  "input.other": "it is neither a ConfigMap nor a configuration of MetalLB before 0.13, which has {known}",
  "input.objects": "kind {kind} is not a ConfigMap; custom resources of metallb.io need no conversion",
  summary: "{objects} objects made; {lost} not carried; {rejected} of them rejected",
} as const;

export type TextKey = keyof typeof english;

const korean: Readonly<Record<TextKey, string>> = {
  "field-unknown": "MetalLB에 그런 필드는 없었습니다. 여기서 쓸 수 있는 필드: {known}",
  malformed: "{found} 은(는) 잘못된 값입니다. 필요한 값: {wanted}",
  "name-missing": "이름이 없어서 아무것도 만들 수 없습니다",
  "name-duplicate": '"{name}" 은(는) 이미 {first} 의 이름입니다. MetalLB는 이런 설정을 통째로 거부했습니다',
  "protocol-unknown": '"{found}" 은(는) layer2도 bgp도 아닙니다. 풀은 옮기지만 광고하는 것이 없습니다',
  "protocol-missing":
    "지정되지 않았습니다. 풀은 옮기지만 광고하는 것이 없습니다. layer2와 bgp를 쓸 수 있습니다",
  "advertisements-of-layer2": "layer2 풀에는 bgp-advertisements가 없습니다. MetalLB도 거부했습니다",
  "no-peers":
    "피어가 없습니다. BGPPeer를 만들 때까지 protocol이 bgp인 풀은 어느 라우터에도 알려지지 않습니다",
  "pool-renamed":
    '"{old}" 은(는) 오브젝트 이름이 될 수 없어 "{name}" 이(가) 되었습니다. address-pool 애너테이션으로 이 풀을 요청하는 서비스는 새 이름을 써야 합니다',
  "profile-renamed":
    '"{old}" 은(는) 오브젝트 이름이 될 수 없어 "{name}" 이(가) 되었고, 피어에서도 바뀌었습니다',
  "password-plain":
    "비밀번호가 BGPPeer에 그대로 있어 BGPPeer를 읽을 수 있는 누구나 볼 수 있습니다. Secret에 두고 passwordSecret으로 지정하세요",
  "input.malformed": "YAML이 아닙니다: {detail}",
  "input.empty": "비어 있습니다",
  "input.no-config-key": "ConfigMap에 data.config가 없습니다. 0.13 이전의 MetalLB는 설정을 거기서 읽었습니다",
  "input.several": "data.config가 있는 ConfigMap이 {count}개입니다 ({names}). 하나만 주세요",
  "input.other":
    "ConfigMap도 아니고 0.13 이전 MetalLB의 설정도 아닙니다. 그런 설정에는 {known} 이(가) 있습니다",
  "input.objects": "{kind} 은(는) ConfigMap이 아닙니다. metallb.io의 커스텀 리소스는 변환할 필요가 없습니다",
  summary: "오브젝트 {objects}개를 만들었습니다. 옮기지 못한 것 {lost}개, 그중 거부된 것 {rejected}개",
};

export const catalogues = { en: english, ko: korean };

/** What the new objects do not carry; everything else is news. */
export const losses: ReadonlySet<TextKey> = new Set([
  "field-unknown",
  "malformed",
  "name-missing",
  "name-duplicate",
  "protocol-unknown",
  "protocol-missing",
  "advertisements-of-layer2",
] as const);

export type Say = SayOf<TextKey>;

export function sayFor(environment: Readonly<Record<string, string | undefined>>): Say {
  return sayer(catalogues, environment);
}
