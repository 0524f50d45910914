namespace Kybernet.ApiServer.Streaming;

/// <summary>Joins two connections: what comes in on one goes out on the other, until either ends.</summary>
internal static class ByteTunnel
{
    /// <summary>Copies both ways.</summary>
    public static async Task RunAsync(Stream left, Stream right, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var there = CopyAsync(left, right, ending.Token);
        var back = CopyAsync(right, left, ending.Token);
        await Task.WhenAny(there, back);
        await ending.CancelAsync();
        await Task.WhenAll(there, back);
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        try
        {
            await StreamCopy.RunAsync(from, to, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone: that ends the tunnel, and there is nobody left to tell.
        }
    }
}
