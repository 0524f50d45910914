namespace Kybernet.Api;

/// <summary>An API group at a version.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Version">As in <c>v1</c>.</param>
public readonly record struct GroupVersion(string Group, string Version)
{
    /// <summary>Reads <c>apps/v1</c> or <c>v1</c>.</summary>
    public static GroupVersion Parse(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/');
        return slash < 0 ? new GroupVersion("", apiVersion) : new GroupVersion(apiVersion[..slash], apiVersion[(slash + 1)..]);
    }

    /// <summary>As an object's <c>apiVersion</c> spells it.</summary>
    public override string ToString() => Group.Length == 0 ? Version : $"{Group}/{Version}";
}

/// <summary>A kind of object in a group at a version.</summary>
public readonly record struct GroupVersionKind(string Group, string Version, string Kind)
{
    /// <summary>The group and version.</summary>
    public GroupVersion GroupVersion => new(Group, Version);

    /// <summary>As upstream's messages spell it: <c>apps/v1, Kind=Deployment</c>.</summary>
    public override string ToString() => $"{Group}/{Version}, Kind={Kind}";
}

/// <summary>A resource in a group, whatever the version.</summary>
public readonly record struct GroupResource(string Group, string Resource)
{
    /// <summary>As messages spell it: <c>deployments.apps</c>, or <c>pods</c> in the core group.</summary>
    public override string ToString() => Group.Length == 0 ? Resource : $"{Resource}.{Group}";
}

/// <summary>A resource in a group at a version: what a path of the API names.</summary>
public readonly record struct GroupVersionResource(string Group, string Version, string Resource)
{
    /// <summary>The group and version.</summary>
    public GroupVersion GroupVersion => new(Group, Version);

    /// <summary>The resource without its version.</summary>
    public GroupResource GroupResource => new(Group, Resource);

    /// <summary>As upstream's messages spell it: <c>apps/v1, Resource=deployments</c>.</summary>
    public override string ToString() => $"{Group}/{Version}, Resource={Resource}";
}

/// <summary>The name of an object inside its namespace; the key of work queues and caches.</summary>
/// <param name="Namespace">Empty for cluster-scoped objects, never null.</param>
/// <param name="Name">The object's name.</param>
public readonly record struct NamespacedName(string Namespace, string Name)
{
    /// <summary>As <c>namespace/name</c>, or the name alone.</summary>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
