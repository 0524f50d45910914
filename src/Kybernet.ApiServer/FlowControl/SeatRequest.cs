namespace Kybernet.ApiServer.FlowControl;

/// <summary>One request at a priority level: waiting in a queue, or going on.</summary>
/// <param name="schema">The name of the flow schema that it matched.</param>
/// <param name="flow">The flow that it belongs to.</param>
/// <param name="seats">How many seats it takes.</param>
internal sealed class SeatRequest(string schema, ulong flow, int seats)
{
    // Continuations run elsewhere: it is completed under the level's lock.
    private readonly TaskCompletionSource _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Schema => schema;

    public ulong Flow => flow;

    public int Seats => seats;

    /// <summary>The queue that it waits or waited in; null where the level has none.</summary>
    public RequestQueue? Queue { get; set; }

    /// <summary>When it came, by the clock's timestamps.</summary>
    public long Arrived { get; init; }

    /// <summary>When its turn came; 0 before.</summary>
    public long Dispatched { get; private set; }

    /// <summary>Completes when its turn comes.</summary>
    public Task Turn => _turn.Task;

    /// <summary>Its turn has come.</summary>
    public void Dispatch(long now)
    {
        Dispatched = now;
        _turn.SetResult();
    }
}
