namespace Kybernet.ApiServer.FlowControl;

/// <summary>One of a level's queues. Everything is done under the level's lock.</summary>
internal sealed class RequestQueue
{
    /// <summary>How long a request is taken to last until it is known, in seconds (as upstream).</summary>
    private const double AssumedSeconds = 0.003;

    private readonly LinkedList<SeatRequest> _waiting = [];

    /// <summary>The requests that wait, the first one first.</summary>
    public IReadOnlyCollection<SeatRequest> Waiting => _waiting;

    /// <summary>The seats that they want.</summary>
    public int WaitingSeats { get; private set; }

    /// <summary>The seats that its requests hold.</summary>
    public int HeldSeats { get; private set; }

    /// <summary>Whether it has anything to do.</summary>
    public bool IsActive => _waiting.Count > 0 || HeldSeats > 0;

    /// <summary>The virtual time at which its first waiting request would begin if all queues were served bit by bit.</summary>
    public double VirtualStart { get; private set; }

    /// <summary>The virtual time at which that request would end: the queue where this is least is served next.</summary>
    public double VirtualFinish => VirtualStart + (AssumedSeconds * _waiting.First!.Value.Seats);

    /// <summary>Adds a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="virtualTime">The level's virtual time: a queue that had nothing to do has saved nothing up.</param>
    public void Enqueue(SeatRequest request, double virtualTime)
    {
        if (!IsActive)
        {
            VirtualStart = virtualTime;
        }
        request.Queue = this;
        _waiting.AddLast(request);
        WaitingSeats += request.Seats;
    }

    /// <summary>Takes the first request out, which goes on.</summary>
    public SeatRequest Dequeue()
    {
        var request = _waiting.First!.Value;
        _waiting.RemoveFirst();
        WaitingSeats -= request.Seats;
        HeldSeats += request.Seats;
        VirtualStart += AssumedSeconds * request.Seats;
        return request;
    }

    /// <summary>Takes a request out that waits no longer.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(SeatRequest request)
    {
        if (!_waiting.Remove(request))
        {
            return false;
        }
        WaitingSeats -= request.Seats;
        return true;
    }

    /// <summary>A request is answered: it is charged for what it took instead of for what it was taken to last.</summary>
    public void Complete(SeatRequest request, double seconds)
    {
        HeldSeats -= request.Seats;
        VirtualStart += (seconds - AssumedSeconds) * request.Seats;
    }
}
