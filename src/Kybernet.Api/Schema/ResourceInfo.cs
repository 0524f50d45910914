namespace Kybernet.Api.Schema;

/// <summary>A resource of the API, as discovery describes it.</summary>
public sealed record ResourceInfo
{
    /// <summary>The group, version and plural name; of a subresource, <c>pods/status</c>.</summary>
    public required GroupVersionResource Resource { get; init; }

    /// <summary>The kind of its objects; of a subresource, the kind that it takes, such as <c>policy/v1, Kind=Eviction</c>.</summary>
    public required GroupVersionKind Kind { get; init; }

    /// <summary>The singular name; empty for a subresource.</summary>
    public string Singular { get; init; } = "";

    /// <summary>The short names.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>The categories, such as <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether its objects live in namespaces.</summary>
    public bool Namespaced { get; init; }

    /// <summary>What may be asked of it, in alphabetical order; of a subresource that connects, without the methods: see <see cref="ConnectMethods"/>.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>The HTTP methods by which one connects to it; empty where one does not.</summary>
    public IReadOnlyList<string> ConnectMethods { get; init; } = [];

    /// <summary>Its subresources.</summary>
    public IReadOnlyList<ResourceInfo> Subresources { get; init; } = [];

    /// <summary>Whether it is a subresource.</summary>
    public bool IsSubresource => Resource.Resource.Contains('/');

    /// <summary>The name of the subresource, such as <c>status</c>; empty for a resource.</summary>
    public string SubresourceName => Resource.Resource.IndexOf('/') is >= 0 and var slash ? Resource.Resource[(slash + 1)..] : "";

    /// <summary>The subresource of a name; null where there is none.</summary>
    public ResourceInfo? Subresource(string name)
    {
        foreach (var subresource in Subresources)
        {
            if (subresource.SubresourceName == name)
            {
                return subresource;
            }
        }
        return null;
    }
}

/// <summary>A group of the API with the versions of it that are served.</summary>
/// <param name="Name">Empty for the core group.</param>
/// <param name="Versions">The versions, the preferred one first.</param>
public sealed record GroupInfo(string Name, IReadOnlyList<string> Versions)
{
    /// <summary>The version that a client uses where it has no reason for another.</summary>
    public string PreferredVersion => Versions[0];
}
