using Kybernet.Api;
using Kybernet.Api.Json;

namespace Kybernet.Client;

/// <summary>An <see cref="ObjectInformer"/> seen as models of a type.</summary>
internal sealed class Informer<T>(ObjectInformer objects) : IInformer<T>
    where T : class, IResourceObject<T>
{
    public bool HasSynced => objects.HasSynced;

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => objects.WaitForSyncAsync(cancellationToken);

    public T? Get(NamespacedName key) => objects.Get(key)?.As<T>();

    public IReadOnlyList<T> List() => new ModelList<T>(objects.Snapshot());

    public IReadOnlyList<T> List(string @namespace) => new ModelList<T>(objects.Snapshot(@namespace));

    public IReadOnlyList<T> ByIndex(string index, string value) => new ModelList<T>(objects.SnapshotByIndex(index, value));

    public void AddIndex(string name, Func<T, IEnumerable<string>> values) => objects.AddIndex(name, item => values(item.As<T>()));

    public void AddHandler(IInformerHandler<T> handler) => objects.AddHandler(new Handler(handler));

    private sealed class Handler(IInformerHandler<T> inner) : IInformerHandler<EncodedObject>
    {
        public void OnAdded(EncodedObject added) => inner.OnAdded(added.As<T>());

        public void OnUpdated(EncodedObject previous, EncodedObject current) => inner.OnUpdated(previous.As<T>(), current.As<T>());

        public void OnDeleted(EncodedObject deleted) => inner.OnDeleted(deleted.As<T>());
    }
}
