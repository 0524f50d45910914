using System.Numerics;
using Kybernet.ApiServer.Storage;
using Kybernet.Store;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>
/// Who may use which node port: one object of the store has a bit for each, and is written only as it was read, so that several servers never give out the
/// same one. What a server leaves behind when it ends in between, <see cref="PortRepair"/> frees.
/// </summary>
internal sealed class PortReservations(IStore store, (int First, int Last) range)
{
    private static readonly string Key = $"{StorageKey.Ranges}servicenodeports";

    private readonly Random _random = new();

    /// <summary>The first and the last port.</summary>
    public (int First, int Last) Range => range;

    /// <summary>Takes a port.</summary>
    /// <param name="port">Which one; null for any.</param>
    /// <param name="followUps">Where to give it back if the write is refused; null to take nothing, and only ask.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The port; null where it, or every one, is taken.</returns>
    public async Task<int?> TakeAsync(int? port, WriteFollowUps? followUps, CancellationToken cancellationToken)
    {
        int? taken = null;
        await ChangeAsync(
            ports =>
            {
                taken = port is { } wanted ? (ports.IsTaken(wanted) ? null : wanted) : AnyOf(ports);
                return taken is { } found && followUps is not null ? ports.With(found) : ports;
            },
            cancellationToken);
        if (taken is { } own)
        {
            followUps?.Add((end, token) => end == WriteEnd.Refused ? ReleaseAsync([own], token) : Task.CompletedTask);
        }
        return taken;
    }

    /// <summary>Gives ports back.</summary>
    public Task ReleaseAsync(IReadOnlyCollection<int> ports, CancellationToken cancellationToken) =>
        ChangeAsync(known => ports.Where(known.Contains).Aggregate(known, static (left, port) => left.Without(port)), cancellationToken);

    /// <summary>Changes the range as others leave it, and stores it where that changes anything.</summary>
    /// <returns>The range as it is stored now.</returns>
    public async Task<PortRange> ChangeAsync(Func<PortRange, PortRange> change, CancellationToken cancellationToken)
    {
        var stored = await store.GetAsync(Key, 0, cancellationToken);
        while (true)
        {
            var ports = stored is null ? new PortRange(range.First, range.Last, BigInteger.Zero) : PortRange.Parse(stored.Value, range.First, range.Last);
            var changed = change(ports);
            if (changed == ports)
            {
                return ports;
            }
            var result = await store.WriteAsync(new Write(Key, changed.ToJson(), stored?.ModRevision ?? 0), cancellationToken);
            if (result.Succeeded)
            {
                return changed;
            }
            stored = result.Current;
        }
    }

    /// <summary>A random one, of the upper part first, for the lower is left to those who choose their own (KEP-3668).</summary>
    private int? AnyOf(PortRange ports)
    {
        var reserved = ports.Size < 32 ? 0 : Math.Min(Math.Max(16, ports.Size / 32), 128);
        return Free(ports, reserved, ports.Size - reserved) ?? Free(ports, 0, reserved);
    }

    private int? Free(PortRange ports, int offset, int span)
    {
        var start = span > 0 ? _random.Next(span) : 0;
        for (var i = 0; i < span; i++)
        {
            var candidate = ports.First + offset + ((start + i) % span);
            if (!ports.IsTaken(candidate))
            {
                return candidate;
            }
        }
        return null;
    }
}
