using Kybernet.Api.Flowcontrol.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;

namespace Kybernet.ApiServer.Bootstrap;

/// <summary>The priority levels and flow schemas that a cluster starts with.</summary>
internal static class FlowControlFacts
{
    /// <summary>The name of the schema, and of its level, that takes what no other schema matches.</summary>
    public const string CatchAll = "catch-all";

    private const string Exempt = "exempt";
    private const string AutoUpdate = "apf.kubernetes.io/autoupdate-spec";
    private const string All = "*";
    private const string ByUser = "ByUser";
    private const string ByNamespace = "ByNamespace";
    private const string Anyone = "system:unauthenticated";
    private const string Authenticated = "system:authenticated";
    private const string Nodes = "system:nodes";

    private static readonly ResourcePolicyRule EveryResource = Rule([All], [All], [All], clusterScope: true);
    private static readonly ResourcePolicyRule Leases = Rule(["get", "create", "update"], ["coordination.k8s.io"], ["leases"]);
    private static readonly NonResourcePolicyRule EveryPath = new() { Verbs = [All], NonResourceURLs = [All] };

    public static IEnumerable<PriorityLevelConfiguration> Levels() =>
    [
        new PriorityLevelConfiguration
        {
            Metadata = MetadataOf(Exempt),
            Spec = new PriorityLevelConfigurationSpec
            {
                Type = "Exempt",
                Exempt = new ExemptPriorityLevelConfiguration { NominalConcurrencyShares = 0, LendablePercent = 0 },
            },
        },
        Level(CatchAll, 5, 0, new LimitResponse { Type = "Reject" }),
        Level("system", 30, 33, Queue(64, 6)),
        Level("node-high", 40, 25, Queue(64, 6)),
        Level("leader-election", 10, 0, Queue(16, 4)),
        Level("workload-high", 40, 50, Queue(128, 6)),
        Level("workload-low", 100, 90, Queue(128, 6)),
        Level("global-default", 20, 50, Queue(128, 6)),
    ];

    public static IEnumerable<FlowSchema> Schemas() =>
    [
        Schema(Exempt, Exempt, 1, "", [Group("system:masters")], [EveryResource], [EveryPath]),
        Schema("probes", Exempt, 2, "", [Group(Anyone), Group(Authenticated)], [],
            [new NonResourcePolicyRule { Verbs = ["get"], NonResourceURLs = ["/healthz", "/readyz", "/livez"] }]),
        Schema("system-leader-election", "leader-election", 100, ByUser,
            [User("system:kube-controller-manager"), User("system:kube-scheduler"), Account(All)], [Leases], []),
        Schema("endpoint-controller", "workload-high", 150, ByUser,
            [User("system:kube-controller-manager"), Account("endpoint-controller"), Account("endpointslicemirroring-controller")],
            [Rule(["get", "create", "update"], [""], ["endpoints"])], []),
        Schema("workload-leader-election", "leader-election", 200, ByUser, [Account(All)], [Leases], []),
        Schema("system-node-high", "node-high", 400, ByUser, [Group(Nodes)],
            [Rule([All], [""], ["nodes", "nodes/status"], clusterScope: true), Rule([All], ["coordination.k8s.io"], ["leases"])], []),
        Schema("system-nodes", "system", 500, ByUser, [Group(Nodes)], [EveryResource], [EveryPath]),
        Schema("kube-controller-manager", "workload-high", 800, ByNamespace, [User("system:kube-controller-manager")], [EveryResource], [EveryPath]),
        Schema("kube-scheduler", "workload-high", 800, ByNamespace, [User("system:kube-scheduler")], [EveryResource], [EveryPath]),
        Schema("kube-system-service-accounts", "workload-high", 900, ByNamespace, [Account(All)], [EveryResource], [EveryPath]),
        Schema("service-accounts", "workload-low", 9000, ByUser, [Group("system:serviceaccounts")], [EveryResource], [EveryPath]),
        Schema("global-default", "global-default", 9900, ByUser, [Group(Anyone), Group(Authenticated)], [EveryResource], [EveryPath]),
        Schema(CatchAll, CatchAll, 10000, ByUser, [Group(Anyone), Group(Authenticated)], [EveryResource], [EveryPath]),
    ];

    /// <summary>Whether an object of that name is always there, and always as it is here.</summary>
    public static bool IsMandatory(string name) => name is CatchAll or Exempt;

    /// <summary>What a level has to become; null where it is as it should be, or somebody keeps it otherwise.</summary>
    public static PriorityLevelConfiguration? Reconcile(PriorityLevelConfiguration expected, PriorityLevelConfiguration actual) =>
        IsKept(actual.Metadata) && !ModelJson.Same(expected.Spec, actual.Spec) ? actual with { Spec = expected.Spec } : null;

    /// <summary>What a schema has to become; null where it is as it should be, or somebody keeps it otherwise.</summary>
    public static FlowSchema? Reconcile(FlowSchema expected, FlowSchema actual) =>
        IsKept(actual.Metadata) && !ModelJson.Same(expected.Spec, actual.Spec) ? actual with { Spec = expected.Spec } : null;

    // An operator takes a suggested object over by saying so, or by changing one that does not say whose it is.
    private static bool IsKept(ObjectMeta metadata) => IsMandatory(metadata.Name!)
        || (metadata.Annotations.TryGetValue(AutoUpdate, out var said) ? said == "true" : metadata.Generation is null or 1);

    private static PriorityLevelConfiguration Level(string name, int shares, int lendablePercent, LimitResponse response) => new()
    {
        Metadata = MetadataOf(name),
        Spec = new PriorityLevelConfigurationSpec
        {
            Type = "Limited",
            Limited = new LimitedPriorityLevelConfiguration { NominalConcurrencyShares = shares, LendablePercent = lendablePercent, LimitResponse = response },
        },
    };

    private static LimitResponse Queue(int queues, int handSize) => new()
    {
        Type = "Queue",
        Queuing = new QueuingConfiguration { Queues = queues, HandSize = handSize, QueueLengthLimit = 50 },
    };

    private static FlowSchema Schema(
        string name, string level, int precedence, string distinguisher, Subject[] subjects, ResourcePolicyRule[] resources, NonResourcePolicyRule[] paths) => new()
    {
        Metadata = MetadataOf(name),
        Spec = new FlowSchemaSpec
        {
            PriorityLevelConfiguration = new PriorityLevelConfigurationReference { Name = level },
            MatchingPrecedence = precedence,
            DistinguisherMethod = distinguisher.Length == 0 ? null : new FlowDistinguisherMethod { Type = distinguisher },
            Rules = [new PolicyRulesWithSubjects { Subjects = subjects, ResourceRules = resources, NonResourceRules = paths }],
        },
    };

    private static ResourcePolicyRule Rule(string[] verbs, string[] groups, string[] resources, bool clusterScope = false) => new()
    {
        Verbs = verbs,
        ApiGroups = groups,
        Resources = resources,
        Namespaces = [All],
        ClusterScope = clusterScope ? true : null,
    };

    private static Subject Group(string name) => new() { Kind = "Group", Group = new GroupSubject { Name = name } };

    private static Subject User(string name) => new() { Kind = "User", User = new UserSubject { Name = name } };

    private static Subject Account(string name) =>
        new() { Kind = "ServiceAccount", ServiceAccount = new ServiceAccountSubject { Namespace = "kube-system", Name = name } };

    private static ObjectMeta MetadataOf(string name) => new()
    {
        Name = name,
        Annotations = new Dictionary<string, string> { [AutoUpdate] = "true" },
    };
}
