using System.Threading.Tasks.Sources;

namespace Kybernet.Store.Sqlite.Commit;

/// <summary>Something that the writer thread does inside a commit. It is told of the outcome exactly once, after the commit.</summary>
internal abstract class Request
{
    /// <summary>
    /// Does its part of the batch. An answer that concerns this request alone is remembered for <see cref="Complete"/>; what is thrown
    /// from here fails the whole batch.
    /// </summary>
    public abstract void Execute(Batch batch);

    /// <summary>The batch is durable.</summary>
    public abstract void Complete();

    /// <summary>The batch, and this request with it, changed nothing.</summary>
    public abstract void Fail(StoreUnavailableException failure);
}

/// <summary>A request that someone awaits, once. It is its own task source: a write makes one object, not three.</summary>
internal abstract class Request<T> : Request, IValueTaskSource<T>
{
    // Callers go on elsewhere: the writer thread never runs their code.
    private ManualResetValueTaskSourceCore<T> _source = new() { RunContinuationsAsynchronously = true };
    private T _result = default!;
    private Exception? _refusal;

    public ValueTask<T> Task => new(this, _source.Version);

    public sealed override void Complete()
    {
        if (_refusal is not null)
        {
            _source.SetException(_refusal);
        }
        else
        {
            _source.SetResult(_result);
        }
    }

    public override void Fail(StoreUnavailableException failure) => _source.SetException(_refusal ?? failure);

    T IValueTaskSource<T>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <summary>What the caller is answered if the batch becomes durable.</summary>
    protected void Answer(T result) => _result = result;

    /// <summary>What the caller is told instead of an answer, whatever becomes of the batch.</summary>
    protected void Refuse(Exception reason) => _refusal = reason;
}
