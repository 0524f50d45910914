using Kybernet.ApiServer.Audit.Events;

namespace Kybernet.ApiServer.Audit.Backends;

/// <summary>Keeps events.</summary>
internal interface IAuditBackend : IAsyncDisposable
{
    /// <summary>How many events were lost.</summary>
    long Lost { get; }

    /// <summary>Keeps events.</summary>
    /// <returns>Whether the request that they are about may go on.</returns>
    ValueTask<bool> RecordAsync(IReadOnlyList<AuditEvent> items, CancellationToken cancellationToken);
}

/// <summary>Where events are kept in the end.</summary>
internal interface IAuditSink : IAsyncDisposable
{
    /// <summary>Keeps events.</summary>
    /// <exception cref="AuditException">They could not be kept.</exception>
    Task KeepAsync(IReadOnlyList<AuditEvent> items, CancellationToken cancellationToken);
}

/// <summary>Events could not be kept.</summary>
internal sealed class AuditException(string message, Exception cause) : Exception(message, cause);
