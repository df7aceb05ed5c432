/** Every reason this product gives, in English. Codes are `subject.claim`; a sentence says what is and what is allowed. */
export const reasonTexts = {
  // A Service that gets no address, or gives one back (core/service, core/ipam)
  "service.not-load-balancer": 'spec.type is "{type}", not LoadBalancer',
  "service.other-class": 'spec.loadBalancerClass is "{class}"; this controller serves "{served}"',
  "service.no-cluster-ip": "the Service has no clusterIP yet",
  "service.cluster-ips-malformed":
    "spec.clusterIPs is {text}; the family of the Service is known only from one address, or one IPv4 and one IPv6",
  "service.not-enough-cluster-ips":
    "spec.ipFamilyPolicy is RequireDualStack, but spec.clusterIPs is {text}; it needs one IPv4 and one IPv6",
  "service.status-malformed":
    "status.loadBalancer.ingress is {text}; allowed are one address, or one IPv4 and one IPv6",
  "service.adopting":
    "the controller has just started: it registers the addresses that Services hold before it gives new ones",
  "service.following":
    "this replica of the controller is the standby and shows what Services hold; the one that leads gives addresses",
  "service.other-addresses-asked": "the Service asks for {wanted}, but holds {held}",
  "service.other-pool-asked":
    'the Service asks for pool "{wanted}", but its address {address} is from pool "{actual}"',
  "service.second-address-missing":
    "ipFamilyPolicy is PreferDualStack, but there is no second address beside {address}: {details}",
  "service.assigned": 'address {address} assigned from pool "{pool}"',
  "service.kept": 'address {address} kept, from pool "{pool}"',
  "pool.none": "no IPAddressPool is configured in the namespace of the controller",
  "pool.all-vanished":
    "no IPAddressPool is left: Services keep the addresses they have, and none is given out, until a pool is created",
  "pool.chosen": 'pool "{pool}" serves this Service',
  "pool.unknown": 'there is no IPAddressPool named "{pool}"; known pools: {known}',
  "pool.exhausted": 'pool "{pool}" has no free {family} address: {used} of {total} are in use',
  "pool.exhausted-kept-back":
    'pool "{pool}" has no free {family} address: {used} of {total} are in use, {reserved} are reserved for other Services, {cooling} cool down before they are reused',
  "pool.quota":
    'namespace "{namespace}" has used up its quota in pool "{pool}": it holds {held} of at most {limit} (metallb.io/quota-per-namespace)',
  "pool.held":
    'pool "{pool}" was rejected or is being removed: Services that hold its addresses keep them, and no new one is given',
  "pool.one-family-only":
    'pool "{pool}" can give only {family} now; under PreferDualStack a pool that gives both families comes first',
  "pool.no-family": 'pool "{pool}" has no {family} addresses',
  "pool.not-auto-assign": 'pool "{pool}" has autoAssign: false, so it serves only Services that ask for it',
  "pool.namespace-not-allowed": 'pool "{pool}" does not serve namespace "{namespace}"',
  "pool.service-not-selected": 'pool "{pool}" selects Services by labels that this one does not carry',
  "pool.all-failed": "no pool can serve this Service: {details}",
  "address.malformed": '"{text}" is not an IP address',
  "address.outside-pools": "address {address} is in no IPAddressPool; known ranges: {ranges}",
  "address.other-pool":
    'address {address} belongs to pool "{actual}", but the Service asks for pool "{wanted}"',
  "address.two-pools":
    'address {first} is in pool "{firstPool}", but {second} in pool "{secondPool}"; both must come from one pool',
  "address.taken": "address {address} is held by Service {holder}",
  "address.port-taken": "address {address} cannot be shared: port {port} is used by Service {holder}",
  "address.sharing-key":
    'address {address} is held by Service {holder}, whose sharing key is "{theirs}", not "{ours}"',
  "address.sharing-policy":
    "address {address} is shared with Service {holder}, whose externalTrafficPolicy or selector differs",
  "address.buggy": 'address {address} ends in .0 or .255, which pool "{pool}" avoids (avoidBuggyIPs)',
  "address.excluded": 'pool "{pool}" excludes address {address} (metallb.io/exclude-addresses)',
  "address.reserved": 'pool "{pool}" reserves address {address} for {service}',
  "address.cooling":
    'address {address} was given back less than {seconds} s ago; pool "{pool}" waits that long before it is reused (metallb.io/reuse-after)',
  "address.kept-excluded":
    'pool "{pool}" excludes address {address} by now; the Service keeps it until it gives it up itself',
  "address.kept-reserved":
    'pool "{pool}" reserves address {address} for {service}; this Service had it before and keeps it until it gives it up itself',
  "address.kept-removed":
    'address {address} is in pool "{pool}" no more; the Service keeps it, for the pool says so (metallb.io/on-removal: keep)',
  "address.kept-pool-held":
    'address {address} is kept, although pool "{pool}" is not in force: it was rejected, has just been deleted, or vanished together with all other pools',
  "address.family": "the Service needs {wanted}, but {address} is {actual}",
  "address.same-family":
    "both {first} and {second} are {family}; allowed are one address, or one IPv4 and one IPv6",
  "address.too-many": "{count} addresses were asked for; allowed are one, or one IPv4 and one IPv6",
  "address.two-requests":
    "both spec.loadBalancerIP and the annotation metallb.io/loadBalancerIPs are set; allowed is one of them",
  // Who announces (core/announce)
  "announce.no-advertisement": 'no {protocol} advertisement selects pool "{pool}"',
  "announce.selected": 'this {protocol} advertisement selects pool "{pool}" and the Service',
  "announce.other-pool": 'this {protocol} advertisement does not select pool "{pool}"',
  "announce.service-not-selected":
    "this {protocol} advertisement selects Services by labels that this one does not carry",
  "announce.no-endpoints": "the Service has no endpoint that is ready",
  "announce.no-local-endpoints": "externalTrafficPolicy is Local and no ready endpoint runs on node {node}",
  "announce.node-not-selected": "node {node} matches no nodeSelector of the advertisements",
  "announce.node-excluded":
    "node {node} carries the label node.kubernetes.io/exclude-from-external-load-balancers",
  "announce.node-network-unavailable": "node {node} has the condition NetworkUnavailable",
  "announce.speaker-absent": "no live speaker on node {node}",
  "announce.won": "node {node} comes first of {count} in the order of sha256(node#address)",
  "announce.lost": "node {winner} comes before node {node} in the order of sha256(node#address)",
  "announce.won-preference":
    "node {node} has the most weight by preferredNodeSelectors ({weight}), of {count}",
  "announce.won-incumbent":
    "node {node} has the address and keeps it by the failback policy (metallb.io/failback), of {count} that could",
  "announce.won-older-endpoint":
    "node {node} comes first of {count}, for another one has had an endpoint for less long than metallb.io/endpoint-delay asks",
  "announce.won-spread":
    "the spread over {count} nodes gives this address to node {node} (metallb.io/spread: bounded)",
  "announce.last-resort":
    "every candidate ({count}) is unable to answer, being drained, or damped; of them node {node} comes first, so that somebody announces",
  "announce.lost-preference":
    "by preferredNodeSelectors node {node} has weight {ours}, and node {winner} has {theirs}",
  "announce.not-answering":
    "the speaker on node {node} reports that it does not answer for the addresses it owns; others come first",
  "announce.no-usable-interface":
    "node {node} has no interface that is up and has carrier; others come first",
  "announce.no-matching-interface":
    "on node {node} none of the advertised interfaces ({interfaces}) is up and has carrier; others come first",
  "announce.no-connected-route":
    "node {node} has no connected route to {address} on an advertised interface (metallb.io/require-connected-route); others come first",
  "announce.draining": "node {node} is being drained (metallb.io/drain); others come first",
  "announce.damped":
    "node {node} was lost {flaps} times within a short time; others come first until {until}",
  "announce.held-back":
    "node {winner} comes before node {node} until that has been stable for the time the failback policy asks, at {until} (metallb.io/failback)",
  "announce.endpoint-young":
    "node {node} got its first endpoint just now, and its kube-proxy may not serve it yet; node {winner} comes first until {until} (metallb.io/endpoint-delay)",
  "announce.incumbent-stays":
    "node {winner} keeps the address; node {node} takes none from a node that can go on (metallb.io/failback: never)",
  "announce.spread-elsewhere":
    "the spread gives this address to node {winner}, not to node {node} (metallb.io/spread: bounded)",
  "announce.extras-off":
    "the order is MetalLB's alone: drain, damping, failback policy, spread and interfaces are not heeded while a live speaker does not describe itself to the others ({count}, such as on node {node})",
  "announce.shared-with-service-selectors":
    "the Service carries allow-shared-ip, and L2Advertisement {advertisement} selects Services by labels; as in MetalLB this is not announced, use one of the two",
  "announce.no-candidate": "no node may announce this address",
  "announce.not-yet": "node {node} should announce it, but its speaker does not say that it does",
  "announce.over-bgp": "node {node} announces this address over BGP",
  "announce.all-nodes": "{count} nodes announce this address over BGP",
  // Other hosts that speak as an address of ours, and speakers that cannot hear one another
  "conflict.owned":
    "another host, MAC {mac}, speaks as {address} on interface {interface} of node {node}, which announces it with MAC {ownMac}; one of the two must give it up",
  "conflict.probe":
    "{address} is in use by another host, MAC {mac}, heard on interface {interface} of node {node} (MAC {ownMac}); it is announced once that host gives it up",
  "conflict.two-nodes": "several nodes say that they announce it: {nodes}",
  "ring.blocked":
    "nobody is heard on UDP port {port} of node {node}: degraded to memberlist, so a takeover takes 6 to 14 s instead of 0.6 s; open the port between all nodes",
  // Configuration that is in force and yet deserves a look (core/config/lint)
  "lint.node-address":
    "{range} contains InternalIPs of nodes ({count}, such as {address} of node {node}): a Service that gets it takes the node's traffic; leave node addresses out of the pool, or list them in metallb.io/exclude-addresses",
  "lint.gateway":
    "{range} contains the gateway {address}: a Service that gets it takes the whole network's traffic; leave it out of the pool, or list it in metallb.io/exclude-addresses",
  "lint.pod-cidr":
    "{range} overlaps {cidr}, from which node {node} gives Pods their addresses; choose addresses outside the Pod network",
  "lint.cluster-ip":
    "{range} contains clusterIPs of Services ({count}, such as {address} of {service}); choose addresses outside the Service network",
  "lint.pool-unadvertised":
    "no L2Advertisement and no BGPAdvertisement selects this pool, so its addresses are reachable from nowhere",
  "lint.pool-missing":
    'there is no IPAddressPool "{pool}" in force; this entry selects nothing until there is one',
  "lint.no-pool": "its selectors match no IPAddressPool, so it announces nothing",
  "lint.no-node": "its selectors match no node (the cluster has {count}), so it has no effect",
  "lint.peer-missing":
    'there is no BGPPeer "{peer}" in force; nothing is sent by this entry until there is one',
  "lint.aggregate-local":
    "it announces aggregates of /{length}, but Services of its pools have externalTrafficPolicy Local ({count}, such as {service}): every node with an endpoint of one attracts the traffic of all, and drops it where it has none; announce /{full} for them, or use externalTrafficPolicy Cluster",
  "lint.failback-differs":
    "L2Advertisement {other} announces Services of pool {pool}, too, and asks for a longer failback; for them the longest counts, so give both the same metallb.io/failback",
  "lint.spread-partial":
    "L2Advertisement {other} announces Services of pool {pool}, too, without metallb.io/spread; these are not spread, so annotate both or neither",
  "lint.local-without-selector":
    "externalTrafficPolicy is Local and spec.selector is empty, so MetalLB lets it share {address} with Service {other}, whose policy is Cluster: a node without a local endpoint may attract and drop its traffic",
  // Rights that a component lacks (k8s/contact)
  "right.controller-services":
    "{part} may not {verb} {resource}: no Service is seen, so none is given an address; those that have one keep it",
  "right.service-status":
    "{part} may not {verb} {resource}: addresses are decided and cannot be written down, so Services stay pending",
  "right.namespaces":
    "{part} may not {verb} {resource}: a pool that selects namespaces by their labels selects none",
  "right.controller-nodes":
    "{part} may not {verb} {resource}: the console cannot say which node announces an address, and why",
  "right.controller-endpoints":
    "{part} may not {verb} {resource}: the console cannot say how many endpoints a Service has",
  "right.controller-pods":
    "{part} may not {verb} {resource}: the speakers are not found, so the console shows nothing of them",
  "right.read-events": "{part} may not {verb} {resource}: the console shows no events of a Service",
  "right.controller-secrets":
    "{part} may not {verb} {resource}: the certificate of the webhooks and the key of the speakers' ring can be neither kept nor made",
  "right.leases":
    "{part} may not {verb} {resource}: replicas cannot agree on one that writes, so only a controller that is alone goes on",
  "right.write-events":
    "{part} may not {verb} {resource}: what happens is told by no event; logs and the console tell it nevertheless",
  "right.controller-token-reviews": "{part} may not {verb} {resource}: nobody can log in to the console",
  "right.speaker-token-reviews":
    "{part} may not {verb} {resource}: whoever asks this speaker for its state is refused, so the console shows nothing of it",
  "right.access-reviews": "{part} may not {verb} {resource}: metrics over HTTPS are served to nobody",
  "right.webhooks":
    "{part} may not {verb} {resource}: the API server is not told whom to trust, so it cannot call the webhooks",
  "right.pool-reservations":
    "{part} may not {verb} {resource}: what Services reserve is not written at the pool, and is forgotten when the Service goes",
  "right.pool-status":
    "{part} may not {verb} {resource}: the status of pools does not say how many addresses are in use",
  "right.pools":
    "{part} may not {verb} {resource}: no IPAddressPool is seen, so what was known of them last holds, and nothing else",
  "right.speaker-services":
    "{part} may not {verb} {resource}: no Service is seen, so none is announced after a restart of the speaker",
  "right.speaker-endpoints":
    "{part} may not {verb} {resource}: endpoints are not seen, so no Service is announced after a restart of the speaker",
  "right.speaker-nodes":
    "{part} may not {verb} {resource}: nodes are not seen, so no announcer is elected after a restart of the speaker",
  "right.speaker-pods":
    "{part} may not {verb} {resource}: the other speakers are not found, so two nodes may announce one address",
  "right.passwords":
    "{part} may not {verb} {resource}: passwords that BGPPeers name in a Secret cannot be read, so their sessions stay down",
  "right.l2-advertisements":
    "{part} may not {verb} {resource}: no L2Advertisement is seen, so nothing new is announced on layer 2",
  "right.bgp-advertisements":
    "{part} may not {verb} {resource}: no BGPAdvertisement is seen, so nothing new is announced over BGP",
  "right.peers": "{part} may not {verb} {resource}: no BGPPeer is seen, so no new session is opened",
  "right.bfd-profiles":
    "{part} may not {verb} {resource}: no BFDProfile is seen, so a peer that names one is rejected",
  "right.communities":
    "{part} may not {verb} {resource}: no Community is seen, so an advertisement that names one by its alias is rejected",
  "right.configuration-states":
    "{part} may not {verb} {resource}: ConfigurationState objects do not say whether the configuration is in force",
  "right.l2-statuses":
    "{part} may not {verb} {resource}: ServiceL2Status objects do not say who announces; announcements go on",
  "right.bgp-statuses":
    "{part} may not {verb} {resource}: ServiceBGPStatus and BGPSessionState objects do not say what goes to which peer; announcements go on",
  "right.other": "{part} may not {verb} {resource}: a part that needs it does not work",
  // Moves of an announcement between nodes
  "move.first": "announced for the first time",
  "move.node-lost": "node {from} stopped answering",
  "move.left": "the speaker on node {from} left",
  "move.preferred": "node {to} comes first now",
  "move.withdrawn": "the address is no longer announced",
} as const satisfies Record<string, string>;
