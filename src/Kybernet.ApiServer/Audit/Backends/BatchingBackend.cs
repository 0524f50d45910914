using System.Threading.Channels;
using Kybernet.ApiServer.Audit.Events;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Audit.Backends;

/// <summary>Gathers events and keeps them many at a time, so that no request waits.</summary>
internal sealed partial class BatchingBackend : IAuditBackend
{
    /// <summary>How long what has been gathered may take to be kept when the server ends.</summary>
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<AuditEvent> _waiting;
    private readonly IAuditSink _sink;
    private readonly AuditBatchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _loop;
    private long _lost;

    /// <param name="sink">Where events are kept.</param>
    /// <param name="options">How they are gathered.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told of events that are lost.</param>
    public BatchingBackend(IAuditSink sink, AuditBatchOptions options, TimeProvider time, ILogger logger)
    {
        (_sink, _options, _time, _logger) = (sink, options, time, logger);
        _waiting = Channel.CreateBounded<AuditEvent>(options.BufferSize);
        _loop = RunAsync(_stopping.Token);
    }

    /// <inheritdoc/>
    public long Lost => Interlocked.Read(ref _lost);

    /// <inheritdoc/>
    public ValueTask<bool> RecordAsync(IReadOnlyList<AuditEvent> items, CancellationToken cancellationToken)
    {
        foreach (var item in items)
        {
            if (!_waiting.Writer.TryWrite(item) && Interlocked.Increment(ref _lost) is var lost && (lost & (lost - 1)) == 0)
            {
                LogFull(lost); // rarer the more there are: they come fast
            }
        }
        return new(true);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        _stopping.CancelAfter(EndWithin);
        await _loop;
        await _sink.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await NextAsync(cancellationToken) is { Count: > 0 } batch)
        {
            try
            {
                await _sink.KeepAsync(batch, cancellationToken);
            }
            catch (Exception exception) when (exception is AuditException or OperationCanceledException)
            {
                Interlocked.Add(ref _lost, batch.Count);
                LogLost(exception, batch.Count);
            }
        }
    }

    /// <summary>The next events: as many as are kept at a time, or as there are after a while; none when no more will come.</summary>
    private async Task<List<AuditEvent>> NextAsync(CancellationToken cancellationToken)
    {
        var batch = new List<AuditEvent>();
        using var patience = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            while (batch.Count < _options.MaxEvents && await _waiting.Reader.WaitToReadAsync(either.Token))
            {
                while (batch.Count < _options.MaxEvents && _waiting.Reader.TryRead(out var item))
                {
                    if (batch.Count == 0)
                    {
                        patience.CancelAfter(_options.MaxWait);
                    }
                    batch.Add(item);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough has been waited for, or nobody waits any longer.
        }
        return batch;
    }

    [LoggerMessage(LogLevel.Error, "Audit events come faster than they can be kept: {Count} are lost so far")]
    private partial void LogFull(long count);

    [LoggerMessage(LogLevel.Error, "{Count} audit events could not be kept")]
    private partial void LogLost(Exception exception, int count);
}
