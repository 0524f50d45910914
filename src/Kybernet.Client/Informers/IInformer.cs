using Kybernet.Api;
using Kybernet.Api.Json;

namespace Kybernet.Client;

/// <summary>Reads objects from a cache that follows the API server. It lags a little behind, the reader's own writes included.</summary>
public interface ILister<T>
    where T : class, IResourceObject<T>
{
    /// <summary>The object of that name; null where there is none.</summary>
    T? Get(NamespacedName key);

    /// <summary>All objects, in no order; a snapshot that does not change.</summary>
    IReadOnlyList<T> List();

    /// <summary>The objects of a namespace, in no order; a snapshot that does not change.</summary>
    IReadOnlyList<T> List(string @namespace);

    /// <summary>The objects that an index has under a value, in no order; a snapshot that does not change.</summary>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    IReadOnlyList<T> ByIndex(string index, string value);
}

/// <summary>
/// A cache of one resource that keeps itself up to date: it lists, then watches, and after a disconnect or a 410 begins again without its readers
/// ever seeing half a list.
/// </summary>
public interface IInformer<T> : ILister<T>
    where T : class, IResourceObject<T>
{
    /// <summary>Whether the first list is complete.</summary>
    bool HasSynced { get; }

    /// <summary>Completes when the first list is complete and handlers have been told of it.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Adds an index, by which objects can be found: the function gives the values that an object is filed under. Before the informer runs.</summary>
    void AddIndex(string name, Func<T, IEnumerable<string>> values);

    /// <summary>
    /// Tells a handler of every change from now on, of what is there already as added first. Calls come one after another, in order, on the informer's
    /// own loop: a handler does no more than put a key into a queue or update a cache of its own.
    /// </summary>
    void AddHandler(IInformerHandler<T> handler);
}

/// <summary>Is told what changed in an informer's cache, after the cache shows it.</summary>
public interface IInformerHandler<in T>
{
    /// <summary>An object is there that was not.</summary>
    void OnAdded(T added);

    /// <summary>An object changed. What happened between two states, or while the connection was lost, comes as one update.</summary>
    void OnUpdated(T previous, T current);

    /// <summary>An object is gone; this is the last state that is known of it.</summary>
    void OnDeleted(T deleted);
}
