using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>
/// Which addresses and ports are taken: by the Services that exist, and by those that are being written. Nothing is kept anywhere else, so nothing can get
/// out of step.
/// </summary>
internal sealed class ServiceClaims(TimeProvider time) : IObjectObserver
{
    private static readonly TimeSpan ReservationLifetime = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, EncodedObject> _byUid = [];
    private readonly Dictionary<string, int> _taken = [];
    private readonly Dictionary<string, DateTimeOffset> _reserved = [];

    /// <summary>How a port is named among the claims.</summary>
    public static string Port(int port) => $":{port}";

    /// <summary>Takes something, if nobody has it.</summary>
    /// <param name="what">An address, or a port as <see cref="Port"/> names it.</param>
    /// <param name="keep">Whether it is to be kept: a dry run only asks.</param>
    /// <returns>Whether it was free.</returns>
    public bool TryTake(string what, bool keep)
    {
        lock (_gate)
        {
            if (_taken.ContainsKey(what) || (_reserved.TryGetValue(what, out var since) && since + ReservationLifetime > time.GetUtcNow()))
            {
                return false;
            }
            if (keep)
            {
                DropStaleReservations();
                _reserved[what] = time.GetUtcNow();
            }
            return true;
        }
    }

    /// <inheritdoc/>
    public void OnChanged(EncodedObject item)
    {
        lock (_gate)
        {
            Forget(item.Header.Uid);
            _byUid[item.Header.Uid] = item;
            foreach (var claim in ClaimsOf(item))
            {
                _taken[claim] = _taken.GetValueOrDefault(claim) + 1;
                _reserved.Remove(claim);
            }
        }
    }

    /// <inheritdoc/>
    public void OnDeleted(EncodedObject item)
    {
        lock (_gate)
        {
            Forget(item.Header.Uid);
        }
    }

    /// <summary>A write that failed after it was given something leaves a reservation behind; it is given up after a while.</summary>
    private void DropStaleReservations()
    {
        var oldest = time.GetUtcNow() - ReservationLifetime;
        foreach (var (what, since) in _reserved.ToArray())
        {
            if (since < oldest)
            {
                _reserved.Remove(what);
            }
        }
    }

    private void Forget(string uid)
    {
        if (!_byUid.Remove(uid, out var before))
        {
            return;
        }
        foreach (var claim in ClaimsOf(before))
        {
            if (--_taken[claim] == 0)
            {
                _taken.Remove(claim);
            }
        }
    }

    private static IEnumerable<string> ClaimsOf(EncodedObject item)
    {
        var spec = item.As<Service>().Spec;
        foreach (var address in spec.ClusterIPs)
        {
            yield return address;
        }
        foreach (var port in spec.Ports)
        {
            if (port.NodePort is { } nodePort and > 0)
            {
                yield return Port(nodePort);
            }
        }
        if (spec.HealthCheckNodePort is { } healthPort and > 0)
        {
            yield return Port(healthPort);
        }
    }
}
