using System.Threading.Channels;

namespace Kybernet.Store.Watching;

/// <summary>
/// Tells one watcher that there is something to read. It carries no events: a watcher reads them from where it stands, so that a slow one
/// holds nothing, and being woken ten times is being woken once.
/// </summary>
internal sealed class WatchSignal(string prefix)
{
    // Full: the watcher has been woken and has not looked yet. It will see this too.
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    public string Prefix { get; } = prefix;

    public void Set() => _channel.Writer.TryWrite(true);

    public void Close(Exception reason) => _channel.Writer.TryComplete(reason);

    /// <summary>Waits until something may have changed since the last wait ended.</summary>
    /// <exception cref="StoreUnavailableException">The store was closed.</exception>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _channel.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException closed) when (closed.InnerException is StoreUnavailableException reason)
        {
            throw new StoreUnavailableException(reason.Message, closed);
        }
    }
}
