using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>Brings the reserved node ports in line with the Services: what a Service has is taken, and what none has for a while is free.</summary>
internal sealed class PortRepair(StoreFollower follower, ObjectStorage storage, PortReservations reservations)
{
    /// <summary>As upstream: a port whose Service is being written now is reserved and nobody's; it is not so for as many rounds.</summary>
    private const int RoundsUntilFree = 3;

    private readonly ResourceCache _services = follower.Cache(new GroupResource("", "services"));
    private Dictionary<int, int> _unused = [];

    /// <summary>How long from one round to the next.</summary>
    public static TimeSpan Period { get; } = TimeSpan.FromMinutes(3);

    /// <summary>Makes one round.</summary>
    public async Task RepairAsync(CancellationToken cancellationToken)
    {
        await storage.CatchUpAsync(cancellationToken);
        var used = _services.Snapshot.Items.Values.SelectMany(static item => ServicePorts.Of(item.As<Service>())).ToHashSet();
        var ports = await reservations.ChangeAsync(
            known => used.Where(known.Contains).Aggregate(known, static (all, port) => all.With(port)), cancellationToken);
        var unused = ports.Taken().Where(port => !used.Contains(port)).ToDictionary(static port => port, port => _unused.GetValueOrDefault(port) + 1);
        var forgotten = unused.Where(static port => port.Value >= RoundsUntilFree).Select(static port => port.Key).ToList();
        if (forgotten.Count > 0)
        {
            await reservations.ReleaseAsync(forgotten, cancellationToken);
        }
        _unused = unused;
    }
}
