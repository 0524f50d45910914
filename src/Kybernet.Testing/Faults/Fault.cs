using Microsoft.AspNetCore.Http;

namespace Kybernet.Testing.Faults;

/// <summary>Something that goes wrong, until it is disposed of or has happened as often as it should.</summary>
public sealed class Fault : IDisposable
{
    private readonly Predicate<TargetRequest> _which;
    private readonly int _times;
    private readonly CancellationTokenSource _ended = new();
    private readonly Action<Fault> _remove;
    private int _hits;

    internal Fault(Predicate<TargetRequest> which, int times, Action<Fault> remove)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(times);
        _which = which;
        _times = times;
        _remove = remove;
    }

    /// <summary>How often it has happened.</summary>
    public int Hits => Math.Min(Volatile.Read(ref _hits), _times);

    /// <summary>Done instead of answering; true where the request was dealt with by that.</summary>
    internal Func<HttpContext, CancellationToken, Task<bool>>? Before { get; init; }

    /// <summary>Done with each event of a watch, instead of sending it; given the event's line and how to send one.</summary>
    internal Func<ReadOnlyMemory<byte>, Func<ReadOnlyMemory<byte>, Task>, CancellationToken, Task>? Event { get; init; }

    /// <summary>Fires when the fault is over.</summary>
    internal CancellationToken Ended => _ended.Token;

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        _remove(this);
        _ended.Cancel();
        _ended.Dispose();
    }

    /// <summary>Whether it concerns a request.</summary>
    internal bool Concerns(TargetRequest request) => _which(request);

    /// <summary>Counts one time more; false where it has happened often enough.</summary>
    internal bool TryHit() => Interlocked.Increment(ref _hits) <= _times;
}
