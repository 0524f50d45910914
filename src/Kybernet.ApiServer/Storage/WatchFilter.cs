using Kybernet.Api;

namespace Kybernet.ApiServer.Storage;

/// <summary>Which objects a list or watch is about.</summary>
/// <param name="Namespace">Empty for all.</param>
/// <param name="Name">Empty for all; what <c>metadata.name=</c> asks for, or a watch of one object.</param>
internal sealed record WatchFilter(string Namespace = "", string Name = "")
{
    /// <summary>What labels and fields must say; null where they do not matter.</summary>
    public Func<EncodedObject, bool>? Selector { get; init; }

    /// <summary>The value of the resource's indexed field that the selector asks for; null where it asks for none.</summary>
    public string? IndexedValue { get; init; }

    /// <summary>Whether an object is one of those.</summary>
    public bool Matches(EncodedObject item) =>
        (Namespace.Length == 0 || item.Header.Namespace == Namespace)
        && (Name.Length == 0 || item.Header.Name == Name)
        && (Selector is null || Selector(item));

    /// <summary>What an event is to whoever watches through this filter; null where it does not concern them.</summary>
    public WatchItem? See(CacheEvent change)
    {
        var was = change.Previous is not null && Matches(change.Previous);
        var isNow = !change.IsDeletion && Matches(change.Current);
        return (was, isNow) switch
        {
            (false, true) => new WatchItem(WatchItemType.Added, change.Current, change.Revision),
            (true, true) => new WatchItem(WatchItemType.Modified, change.Current, change.Revision),
            (true, false) => new WatchItem(WatchItemType.Deleted, change.Current, change.Revision),
            _ => null,
        };
    }
}
