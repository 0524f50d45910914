using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>The simple limit that holds where priority and fairness is turned off: so many reading and so many writing requests at a time, and no queue.</summary>
/// <param name="reading">How many requests that change nothing are answered at a time; 0 for any number.</param>
/// <param name="writing">How many others; 0 for any number.</param>
internal sealed class MaxInFlight(int reading, int writing) : IFlowControl
{
    private static readonly FlowTicket Refused = new("", "", null) { IsRefused = true };

    private readonly Counter _reading = new(reading);
    private readonly Counter _writing = new(writing);

    /// <inheritdoc/>
    public ValueTask<FlowTicket> AdmitAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (LongRunning.Is(request.Info) || request.Info.Verb == "watch" || request.User!.Groups.Contains(WellKnownGroups.Masters))
        {
            return new(FlowTicket.Free);
        }
        var counter = request.Info.Verb is "get" or "list" ? _reading : _writing;
        return new(counter.TryEnter() ? new FlowTicket("", "", counter.Leave) : Refused);
    }

    private sealed class Counter(int limit)
    {
        private int _count;

        public bool TryEnter()
        {
            if (Interlocked.Increment(ref _count) <= limit || limit == 0)
            {
                return true;
            }
            Leave();
            return false;
        }

        public void Leave() => Interlocked.Decrement(ref _count);
    }
}
