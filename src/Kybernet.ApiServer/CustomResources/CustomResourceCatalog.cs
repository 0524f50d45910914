using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Kybernet.Api;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Aggregation;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>What is served at a moment: the built-in resources, the custom ones, and those of other servers.</summary>
/// <param name="Registry">All resources.</param>
/// <param name="Custom">The custom ones, version by version.</param>
/// <param name="Tag">Differs between any two catalogs of different definitions; empty where there are none.</param>
internal sealed record Catalog(ResourceRegistry Registry, FrozenDictionary<GroupVersionResource, CustomVersion> Custom, string Tag)
{
    /// <summary>What is served where there are no definitions.</summary>
    public static Catalog Of(ResourceRegistry builtIn) => new(builtIn, FrozenDictionary<GroupVersionResource, CustomVersion>.Empty, "");
}

/// <summary>
/// Follows the definitions of custom resources and knows what is served because of them. Readers take one <see cref="Current"/> and see one
/// consistent world; a changed definition makes a new one.
/// </summary>
internal sealed class CustomResourceCatalog : IDisposable
{
    private readonly ResourceRegistry _builtIn;
    private readonly StoreFollower _follower;
    private readonly IDisposable _subscription;
    private ImmutableSortedDictionary<string, Entry> _entries = ImmutableSortedDictionary.Create<string, Entry>(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private ImmutableSortedDictionary<string, RemoteResourceList> _remote = ImmutableSortedDictionary.Create<string, RemoteResourceList>(StringComparer.Ordinal);
    private volatile Catalog _current;

    /// <param name="builtIn">What is served without definitions.</param>
    /// <param name="follower">Where the definitions are.</param>
    public CustomResourceCatalog(ResourceRegistry builtIn, StoreFollower follower)
    {
        _builtIn = builtIn;
        _follower = follower;
        _current = Catalog.Of(builtIn);
        _subscription = follower.Cache(DefinitionTypes.Resource).Subscribe(new Observer(this));
    }

    /// <summary>What is served now.</summary>
    public Catalog Current => _current;

    /// <summary>Takes what another server serves of a group and version into what is told of; what is served here goes before it.</summary>
    public void Aggregate(GroupVersion version, RemoteResourceList resources)
    {
        lock (_gate)
        {
            var key = version.ToString();
            if ((_remote.GetValueOrDefault(key)?.Tag ?? "") != resources.Tag)
            {
                _remote = resources.Items.Count == 0 ? _remote.Remove(key) : _remote.SetItem(key, resources);
                Publish();
            }
        }
    }

    public void Dispose() => _subscription.Dispose();

    private void Put(EncodedObject item)
    {
        var definition = item.As<CustomResourceDefinition>();
        if (_entries.TryGetValue(item.Key.Name, out var known) && known.IsOf(definition))
        {
            return;
        }
        var entry = new Entry(definition, definition.Is(DefinitionTypes.Established)
            ? [.. definition.Spec.Versions.Where(static version => version.Served).Select(version => new CustomVersion(definition, version))]
            : []);
        Publish(_entries.SetItem(item.Key.Name, entry));
        // Whoever watches was promised objects of the old form: they list again, as upstream makes them.
        if (known is { Versions.Count: > 0 })
        {
            CompleteWatchers(definition);
        }
    }

    private void Remove(EncodedObject item)
    {
        if (_entries.TryGetValue(item.Key.Name, out var known))
        {
            Publish(_entries.Remove(item.Key.Name));
            CompleteWatchers(known.Definition);
        }
    }

    private void CompleteWatchers(CustomResourceDefinition definition) =>
        _follower.Cache(new GroupResource(definition.Spec.Group, definition.Spec.Names.Plural)).CompleteWatchers();

    private void Publish(ImmutableSortedDictionary<string, Entry> entries)
    {
        lock (_gate)
        {
            _entries = entries;
            Publish();
        }
    }

    private void Publish()
    {
        var versions = _entries.Values.SelectMany(static entry => entry.Versions).ToList();
        var tags = _entries.Values.Select(static entry => $"{entry.Definition.Metadata.Uid}/{entry.Definition.Metadata.Generation}/{entry.Versions.Count}")
            .Concat(_remote.Values.Select(static list => list.Tag));
        _current = new Catalog(
            _builtIn.With(versions.Select(static version => version.Info).Concat(_remote.Values.SelectMany(static list => list.Items))),
            versions.Where(version => _builtIn.Find(version.Info.Resource) is null).ToFrozenDictionary(static version => version.Info.Resource),
            versions.Count == 0 && _remote.IsEmpty ? "" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(';', tags))), 0, 16));
    }

    private sealed record Entry(CustomResourceDefinition Definition, IReadOnlyList<CustomVersion> Versions)
    {
        /// <summary>Whether nothing that matters here differs: a status is written more often than a definition changes.</summary>
        public bool IsOf(CustomResourceDefinition other) =>
            Definition.Metadata.Uid == other.Metadata.Uid && Definition.Metadata.Generation == other.Metadata.Generation
            && Definition.Metadata.DeletionTimestamp.HasValue == other.Metadata.DeletionTimestamp.HasValue
            && Definition.Is(DefinitionTypes.Established) == other.Is(DefinitionTypes.Established)
            && Api.Json.ModelJson.Same(Definition.Status.AcceptedNames, other.Status.AcceptedNames);
    }

    private sealed class Observer(CustomResourceCatalog owner) : IObjectObserver
    {
        public void OnChanged(EncodedObject item) => owner.Put(item);

        public void OnDeleted(EncodedObject item) => owner.Remove(item);
    }
}
