using Kybernet.Api;

namespace Kybernet.ApiServer.Storage;

/// <summary>One change of one object, shared by every watcher that it concerns.</summary>
/// <param name="Current">The object after the change; where it was deleted, its last state with the revision of the deletion.</param>
/// <param name="Previous">The object before the change; null where it is new.</param>
/// <param name="IsDeletion">Whether the change took the object away.</param>
/// <param name="Revision">The store's revision of the change.</param>
internal sealed record CacheEvent(EncodedObject Current, EncodedObject? Previous, bool IsDeletion, long Revision);

/// <summary>The kinds of event that a watch sends.</summary>
internal enum WatchItemType : byte
{
    Added,
    Modified,
    Deleted,
    Bookmark,

    /// <summary>The bookmark that says that what was there at the beginning has all been sent.</summary>
    InitialEventsEnd,
}

/// <summary>What one watcher is sent.</summary>
/// <param name="Type">What happened, as the watcher's selector sees it.</param>
/// <param name="Object">The object; null for bookmarks.</param>
/// <param name="Revision">The revision that the watcher is up to date with when it has this.</param>
internal readonly record struct WatchItem(WatchItemType Type, EncodedObject? Object, long Revision);
