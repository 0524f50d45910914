using System.Collections.Frozen;
using Kybernet.Api;
using Kybernet.Api.Apiregistration.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Schema;

namespace Kybernet.ApiServer.Aggregation;

/// <summary>The APIServices of what this server serves itself: it keeps one for each group and version.</summary>
internal static class LocalServices
{
    /// <summary>The label of those that the server makes and takes away.</summary>
    public const string ManagedLabel = "kube-aggregator.kubernetes.io/automanaged";

    /// <summary>Its value for those that go with what they stand for.</summary>
    public const string Always = "true";

    /// <summary>Its value for those that are made as the server starts.</summary>
    public const string OnStart = "onstart";

    /// <summary>The group of the APIServices, which has none itself.</summary>
    public const string Group = "apiregistration.k8s.io";

    // As upstream has them: the higher a group, the earlier it is listed.
    private static readonly FrozenDictionary<string, int> Priorities = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        [""] = 18000,
        ["apps"] = 17800,
        ["events.k8s.io"] = 17750,
        ["authentication.k8s.io"] = 17700,
        ["authorization.k8s.io"] = 17600,
        ["autoscaling"] = 17500,
        ["batch"] = 17400,
        ["certificates.k8s.io"] = 17300,
        ["networking.k8s.io"] = 17200,
        ["policy"] = 17100,
        ["rbac.authorization.k8s.io"] = 17000,
        ["storage.k8s.io"] = 16800,
        ["apiextensions.k8s.io"] = 16700,
        ["admissionregistration.k8s.io"] = 16700,
        ["scheduling.k8s.io"] = 16600,
        ["coordination.k8s.io"] = 16500,
        ["node.k8s.io"] = 16300,
        ["discovery.k8s.io"] = 16200,
        ["flowcontrol.apiserver.k8s.io"] = 16100,
        ["internal.apiserver.k8s.io"] = 16000,
        ["resource.k8s.io"] = 15900,
        ["metrics.k8s.io"] = 100,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Those of the groups and versions that are always served.</summary>
    public static IEnumerable<APIService> BuiltIn(ResourceRegistry registry) =>
        from @group in registry.Groups
        where @group.Name != Group
        from version in @group.Versions
        select Build(new GroupVersion(@group.Name, version), OnStart, Priorities.GetValueOrDefault(@group.Name, 1000), PriorityOf(@group.Name, version));

    /// <summary>That of a version of custom resources.</summary>
    public static APIService Custom(GroupVersion version) => Build(version, Always, 1000, 100);

    /// <summary>The name of the APIService of a group and version.</summary>
    public static string NameOf(GroupVersion version) => $"{version.Version}.{version.Group}";

    /// <summary>The group and version of an APIService of that name.</summary>
    public static GroupVersion VersionOf(string name) => name.IndexOf('.') is >= 0 and var dot ? new(name[(dot + 1)..], name[..dot]) : new("", name);

    private static APIService Build(GroupVersion version, string management, int groupPriority, int versionPriority) => new()
    {
        Metadata = new ObjectMeta { Name = NameOf(version), Labels = new Dictionary<string, string>(StringComparer.Ordinal) { [ManagedLabel] = management } },
        Spec = new APIServiceSpec { Group = version.Group, Version = version.Version, GroupPriorityMinimum = groupPriority, VersionPriority = versionPriority },
    };

    private static int PriorityOf(string group, string version) => (group, version) switch
    {
        ("", _) => 1,
        ("autoscaling", "v2") => 30,
        ("flowcontrol.apiserver.k8s.io", _) => 21,
        ("metrics.k8s.io", _) => 100,
        _ => 15,
    };
}
