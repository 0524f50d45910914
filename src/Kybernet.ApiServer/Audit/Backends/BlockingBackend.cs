using Kybernet.ApiServer.Audit.Events;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Audit.Backends;

/// <summary>Has requests wait until their events are kept.</summary>
internal sealed partial class BlockingBackend(IAuditSink sink, bool isStrict, ILogger logger) : IAuditBackend
{
    private long _lost;

    /// <inheritdoc/>
    public long Lost => Interlocked.Read(ref _lost);

    /// <inheritdoc/>
    public async ValueTask<bool> RecordAsync(IReadOnlyList<AuditEvent> items, CancellationToken cancellationToken)
    {
        try
        {
            await sink.KeepAsync(items, cancellationToken);
            return true;
        }
        catch (AuditException exception)
        {
            Interlocked.Add(ref _lost, items.Count);
            LogLost(exception, items.Count);
            return !isStrict;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => sink.DisposeAsync();

    [LoggerMessage(LogLevel.Error, "{Count} audit events could not be kept")]
    private partial void LogLost(Exception exception, int count);
}
