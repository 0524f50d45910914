using System.Threading.Channels;

namespace Kybernet.ApiServer.Storage;

/// <summary>One open watch: what it is about, and what it has yet to send.</summary>
internal sealed class Watcher : IDisposable
{
    private readonly Channel<WatchItem> _items;
    private readonly Action<Watcher> _remove;

    /// <param name="filter">Which objects it is about.</param>
    /// <param name="initial">What it sends first: events of the past, or what was there at the beginning.</param>
    /// <param name="capacity">How many events it may be behind.</param>
    /// <param name="remove">Takes it out of its cache's index.</param>
    public Watcher(WatchFilter filter, IReadOnlyList<WatchItem> initial, int capacity, Action<Watcher> remove)
    {
        Filter = filter;
        Initial = initial;
        _remove = remove;
        _items = Channel.CreateBounded<WatchItem>(new BoundedChannelOptions(capacity)
        {
            SingleReader = true,
            SingleWriter = true, // the cache, under its lock
            FullMode = BoundedChannelFullMode.Wait,
        });
    }

    /// <summary>Which objects it is about.</summary>
    public WatchFilter Filter { get; }

    /// <summary>What it sends first.</summary>
    public IReadOnlyList<WatchItem> Initial { get; }

    /// <summary>What comes after that. Completes when the watch fell too far behind, or the server stops: the client lists or watches again.</summary>
    public ChannelReader<WatchItem> Items => _items.Reader;

    /// <summary>Shows it a change, and forgets the watch where its client reads too slowly: it loses its watch, the server keeps its memory.</summary>
    public void Offer(CacheEvent change)
    {
        if (Filter.See(change) is { } item && !_items.Writer.TryWrite(item))
        {
            _items.Writer.TryComplete();
        }
    }

    /// <summary>Tells it how far it is up to date. One that is behind needs no bookmark: it has events to send.</summary>
    public void OfferBookmark(long revision) => _items.Writer.TryWrite(new WatchItem(WatchItemType.Bookmark, null, revision));

    /// <summary>Ends it.</summary>
    public void Complete() => _items.Writer.TryComplete();

    /// <inheritdoc/>
    public void Dispose() => _remove(this);
}
