using System.Collections.Frozen;

namespace Kybernet.Api.Schema;

/// <summary>The resources that are served: built-in ones, and those of an extension of them. Immutable.</summary>
public sealed class ResourceRegistry
{
    // The order in which upstream's aggregator lists the groups; what is not here comes last.
    private static readonly string[] GroupOrder =
    [
        "", "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch",
        "certificates.k8s.io", "networking.k8s.io", "policy", "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io",
        "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io", "discovery.k8s.io",
        "flowcontrol.apiserver.k8s.io", "internal.apiserver.k8s.io", "resource.k8s.io", "storagemigration.k8s.io",
    ];

    private static readonly Lazy<ResourceRegistry> DefaultRegistry = new(() => new ResourceRegistry(IsStable));

    private readonly FrozenDictionary<GroupVersionResource, ResourceInfo> _byResource;
    private readonly FrozenDictionary<GroupVersionKind, ResourceInfo> _byKind;

    /// <summary>The resources of some versions.</summary>
    /// <param name="isServed">Whether a group's version is served.</param>
    public ResourceRegistry(Func<GroupVersion, bool> isServed)
        : this(Load(isServed))
    {
    }

    private ResourceRegistry(IReadOnlyList<ResourceInfo> resources)
    {
        Resources = resources;
        _byResource = resources.SelectMany(resource => resource.Subresources.Prepend(resource)).ToFrozenDictionary(info => info.Resource);
        _byKind = resources.ToFrozenDictionary(info => info.Kind);
        Groups = [.. resources.GroupBy(info => info.Resource.Group).OrderBy(group => OrderOf(group.Key)).ThenBy(group => group.Key, StringComparer.Ordinal).Select(GroupOf)];
    }

    /// <summary>What is served unless told otherwise: the stable versions.</summary>
    public static ResourceRegistry Default => DefaultRegistry.Value;

    /// <summary>The resources, by group, version and name; subresources are under their resources.</summary>
    public IReadOnlyList<ResourceInfo> Resources { get; }

    /// <summary>The groups, the core group first, in the order of upstream's discovery.</summary>
    public IReadOnlyList<GroupInfo> Groups { get; }

    /// <summary>A registry with more resources. One whose name or kind is taken is left out: what is there already wins.</summary>
    public ResourceRegistry With(IEnumerable<ResourceInfo> more)
    {
        var resources = new List<ResourceInfo>(Resources);
        var kinds = new HashSet<GroupVersionKind>(_byKind.Keys);
        var names = new HashSet<GroupVersionResource>(_byResource.Keys);
        foreach (var info in more)
        {
            if (kinds.Add(info.Kind) && names.Add(info.Resource))
            {
                resources.Add(info);
            }
        }
        return new ResourceRegistry(resources);
    }

    /// <summary>The resource or subresource (<c>pods/status</c>) of a name; null where it is not served.</summary>
    public ResourceInfo? Find(GroupVersionResource resource) => _byResource.GetValueOrDefault(resource);

    /// <summary>The resource whose objects are of a kind; null where there is none.</summary>
    public ResourceInfo? Find(GroupVersionKind kind) => _byKind.GetValueOrDefault(kind);

    /// <summary>The resources of a group at a version, by name.</summary>
    public IEnumerable<ResourceInfo> In(GroupVersion groupVersion) => Resources.Where(info => info.Resource.GroupVersion == groupVersion);

    /// <summary>Whether a version is stable, such as <c>v1</c>.</summary>
    public static bool IsStable(GroupVersion groupVersion) =>
        groupVersion.Version is ['v', .. var number] && number.Length > 0 && number.All(char.IsAsciiDigit);

    private static int OrderOf(string group) => Array.IndexOf(GroupOrder, group) is >= 0 and var index ? index : int.MaxValue;

    private static GroupInfo GroupOf(IGrouping<string, ResourceInfo> group) =>
        new(group.Key, [.. group.Select(info => info.Resource.Version).Distinct().OrderByDescending(version => version, VersionComparer.Instance)]);

    private static List<ResourceInfo> Load(Func<GroupVersion, bool> isServed)
    {
        var rows = Facts.Lines("resources.txt").Select(Parse).Where(info => isServed(info.Resource.GroupVersion)).ToList();
        var subresources = rows.Where(info => info.IsSubresource).ToLookup(ParentOf);
        return [.. rows.Where(info => !info.IsSubresource).Select(info => info with { Subresources = [.. subresources[info.Resource]] })];
    }

    private static GroupVersionResource ParentOf(ResourceInfo info) =>
        info.Resource with { Resource = info.Resource.Resource[..info.Resource.Resource.IndexOf('/')] };

    private static ResourceInfo Parse(string line)
    {
        var words = line.Split(' ');
        var kind = Facts.ParseKind(words[4]);
        var verbs = words[5].Split(',');
        var isSubresource = words[2].Contains('/');
        return new ResourceInfo
        {
            Resource = new GroupVersionResource(words[0] == "-" ? "" : words[0], words[1], words[2]),
            Kind = kind,
            Singular = isSubresource ? "" : kind.Kind.ToLowerInvariant(),
            Namespaced = words[3] == "namespaced",
            Verbs = [.. verbs.Select(verb => verb.Split(':')[0]).Distinct()],
            ConnectMethods = [.. verbs.Where(verb => verb.StartsWith("connect:", StringComparison.Ordinal)).Select(verb => verb[8..])],
            ShortNames = words[6] == "-" ? [] : words[6].Split(','),
            Categories = words[7] == "-" ? [] : words[7].Split(','),
        };
    }
}
