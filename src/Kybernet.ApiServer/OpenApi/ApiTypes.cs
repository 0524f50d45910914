using System.Collections.Frozen;
using Kybernet.Api;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.CustomResources;

namespace Kybernet.ApiServer.OpenApi;

/// <summary>The types that documents describe: the built-in ones by the short names of their table, those of custom resources by the names of their own.</summary>
internal sealed class ApiTypes
{
    private readonly FrozenDictionary<GroupVersionKind, string> _customKinds;
    private readonly FrozenDictionary<string, CustomVersion> _custom;
    private readonly FrozenDictionary<string, CustomVersion> _customLists;

    public ApiTypes(Catalog catalog)
    {
        _custom = catalog.Custom.Values.ToFrozenDictionary(static version => version.TypeName, StringComparer.Ordinal);
        _customLists = catalog.Custom.Values.ToFrozenDictionary(static version => version.TypeName + "List", StringComparer.Ordinal);
        var kinds = new Dictionary<GroupVersionKind, string>();
        foreach (var version in catalog.Custom.Values)
        {
            kinds[version.Info.Kind] = version.TypeName;
            kinds[SchemaClosure.ListKind(version.Info.Kind)] = version.TypeName + "List";
        }
        _customKinds = kinds.ToFrozenDictionary();
    }

    /// <summary>The name of a kind's type; null where it has none.</summary>
    public string? NameOf(GroupVersionKind kind) => _customKinds.GetValueOrDefault(kind) ?? ResourceSchema.BuiltIn.Find(kind)?.Name;

    /// <summary>Whether a kind is that of a custom resource.</summary>
    public bool IsCustom(GroupVersionKind kind) => _customKinds.ContainsKey(kind);

    /// <summary>A built-in type; null where there is none of that name.</summary>
    public static TypeSchema? BuiltIn(string name) => ResourceSchema.BuiltIn.Find(name);

    /// <summary>The custom resource of a type; null for any other name.</summary>
    public CustomVersion? Custom(string name) => _custom.GetValueOrDefault(name);

    /// <summary>The custom resource of a type of lists; null for any other name.</summary>
    public CustomVersion? CustomList(string name) => _customLists.GetValueOrDefault(name);

    /// <summary>The name by which documents call a type.</summary>
    public string LongNameOf(string name) => _custom.ContainsKey(name) || _customLists.ContainsKey(name) ? name : OpenApiNames.Lengthen(name);
}
