using Kybernet.Api;
using Kybernet.Api.Schema;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>The types that some resources' requests and answers are made of, and those that these contain, by their short names.</summary>
internal sealed class SchemaClosure
{
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly ApiTypes _types;

    private SchemaClosure(ApiTypes types) => _types = types;

    /// <summary>The names of the types that the resources need.</summary>
    public static IReadOnlyCollection<string> Of(ApiTypes types, IEnumerable<ResourceInfo> resources)
    {
        var closure = new SchemaClosure(types);
        foreach (var name in (string[])["meta.v1.DeleteOptions", "meta.v1.Status", "meta.v1.Patch", "meta.v1.WatchEvent"])
        {
            closure.Add(name);
        }
        foreach (var resource in resources)
        {
            closure.Add(types.NameOf(resource.Kind));
            closure.Add(types.NameOf(ListKind(resource.Kind)));
            foreach (var subresource in resource.Subresources)
            {
                closure.Add(types.NameOf(subresource.Kind));
            }
        }
        return closure._names;
    }

    /// <summary>The kind of a list of objects.</summary>
    public static GroupVersionKind ListKind(GroupVersionKind kind) => kind with { Kind = kind.Kind + "List" };

    /// <summary>The name of a value's type; empty for a value that has none of its own.</summary>
    public static string NameOf(ValueSchema value) => value.Kind switch
    {
        ValueKind.Object => value.Object!.Name,
        ValueKind.Time => "meta.v1.Time",
        ValueKind.MicroTime => "meta.v1.MicroTime",
        ValueKind.Quantity => "machinery.api.resource.Quantity",
        ValueKind.IntOrString => "machinery.util.intstr.IntOrString",
        ValueKind.Any => value.AnyName,
        _ => "",
    };

    private void Add(string? name)
    {
        if (name is not { Length: > 0 } || !_names.Add(name))
        {
            return;
        }
        if (_types.Custom(name) is not null || _types.CustomList(name) is not null)
        {
            Add("meta.v1.ObjectMeta");
            Add("meta.v1.ListMeta");
            return;
        }
        if (ApiTypes.BuiltIn(name) is not { } type)
        {
            return;
        }
        foreach (var field in type.Fields)
        {
            Add(Innermost(field.Type));
        }
    }

    private static string Innermost(ValueSchema value) => value.Item is { } item ? Innermost(item) : NameOf(value);
}
