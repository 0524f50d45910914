using System.Collections.Concurrent;
using Kybernet.Api;
using Kybernet.Api.Flowcontrol.V1;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>
/// API Priority and Fairness (KEP-1040): flow schemas sort requests into priority levels and, in each, into flows; a level has its share of the server's
/// seats, lends what it does not need, and lets its flows take turns.
/// </summary>
internal sealed class PriorityAndFairness : IFlowControl, IDisposable
{
    /// <summary>How long a request waits for its turn at most: a quarter of the time that it has in all.</summary>
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan BorrowingPeriod = TimeSpan.FromSeconds(10);

    private readonly int _serverSeats;
    private readonly SeatEstimator _estimator;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Observed<FlowSchema> _schemas;
    private readonly Observed<PriorityLevelConfiguration> _levels;
    private readonly IDisposable[] _subscriptions;
    private volatile bool _isStale = true;
    private FlowTable? _table;

    /// <param name="follower">The objects that configure it, and those that lists are long by.</param>
    /// <param name="serverSeats">How many requests the server answers at a time, in all.</param>
    /// <param name="time">The clock.</param>
    public PriorityAndFairness(StoreFollower follower, int serverSeats, TimeProvider time)
    {
        (_serverSeats, _estimator, _time) = (serverSeats, new SeatEstimator(follower), time);
        _schemas = new Observed<FlowSchema>(this);
        _levels = new Observed<PriorityLevelConfiguration>(this);
        _subscriptions =
        [
            follower.Cache(FlowControlResources.Schemas).Subscribe(_schemas),
            follower.Cache(FlowControlResources.Levels).Subscribe(_levels),
        ];
    }

    /// <summary>The levels as they are now configured.</summary>
    public IReadOnlyList<PriorityLevel> Levels => Table().Levels;

    /// <inheritdoc/>
    public async ValueTask<FlowTicket> AdmitAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (LongRunning.Is(request.Info))
        {
            return FlowTicket.Free;
        }
        var (schema, level) = Table().Classify(request.User!, request.Info);
        var counts = level.Counts.Of(schema.Name);
        var flow = ShuffleSharding.HashOf(schema.Name, schema.DistinguisherOf(request.User!, request.Info));
        var seats = new SeatRequest(schema.Name, flow, _estimator.SeatsOf(request, level.Settings.Nominal)) { Arrived = _time.GetTimestamp() };
        var refusal = level.Begin(seats);
        if (refusal == Refusal.None && !seats.Turn.IsCompleted)
        {
            refusal = await WaitAsync(level, seats, counts, cancellationToken);
        }
        if (refusal != Refusal.None)
        {
            counts.Refuse(refusal);
            cancellationToken.ThrowIfCancellationRequested();
            return new FlowTicket(schema.Uid, level.Uid, null) { IsRefused = true };
        }
        counts.Dispatch(_time.GetElapsedTime(seats.Arrived, seats.Dispatched));
        return new FlowTicket(schema.Uid, level.Uid, () =>
        {
            counts.Complete();
            level.Complete(seats);
        });
    }

    /// <summary>Lets levels that want more than they have borrow of those that do not, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BorrowingPeriod, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Borrow();
        }
    }

    /// <summary>Shares the server's seats out by what the levels have wanted of late.</summary>
    public void Borrow()
    {
        var looks = Levels.Select(static level => (Level: level, level.Settings, Demand: level.EndPeriod())).ToList();
        var left = (double)_serverSeats;
        foreach (var (_, settings, demand) in looks.Where(static look => look.Settings.IsExempt))
        {
            left -= Math.Max(settings.Lower, Math.Round(demand.Smoothed));
        }
        var limited = looks.Where(static look => !look.Settings.IsExempt).ToList();
        var claims = limited.ConvertAll(static look =>
            new FairAllocation.Claim(Math.Max(look.Settings.Lower, Math.Min(look.Settings.Nominal, look.Demand.Peak)), look.Settings.Upper, look.Demand.Smoothed + 1));
        var shares = FairAllocation.Share(Math.Max(left, 0), claims);
        for (var i = 0; i < limited.Count; i++)
        {
            limited[i].Level.Limit = Math.Max(1, (int)Math.Round(shares[i]));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }
    }

    private async ValueTask<Refusal> WaitAsync(PriorityLevel level, SeatRequest seats, SchemaCounts counts, CancellationToken cancellationToken)
    {
        counts.BeginWaiting();
        try
        {
            await seats.Turn.WaitAsync(WaitLimit, _time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            if (level.GiveUp(seats))
            {
                return exception is TimeoutException ? Refusal.TimeOut : Refusal.Cancelled;
            }
        }
        finally
        {
            counts.EndWaiting();
        }
        return Refusal.None;
    }

    private FlowTable Table()
    {
        if (!_isStale)
        {
            return _table!;
        }
        lock (_gate)
        {
            if (_isStale)
            {
                // Before the objects are looked at: what changes from now on makes it stale again.
                _isStale = false;
                _table = FlowTable.Of(_schemas.Items, _levels.Items, _table, _serverSeats, _time);
            }
            return _table!;
        }
    }

    private sealed class Observed<T>(PriorityAndFairness owner) : IObjectObserver
        where T : class, IModel<T>
    {
        private readonly ConcurrentDictionary<string, EncodedObject> _items = new(StringComparer.Ordinal);

        public IEnumerable<T> Items => _items.Values.Select(static item => item.As<T>());

        public void OnChanged(EncodedObject item)
        {
            _items[item.Key.Name] = item;
            owner._isStale = true;
        }

        public void OnDeleted(EncodedObject item)
        {
            _items.TryRemove(item.Key.Name, out _);
            owner._isStale = true;
        }
    }
}
