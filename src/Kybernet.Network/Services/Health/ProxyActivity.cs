using System.Globalization;
using System.Text;

namespace Kybernet.Network.Services.Health;

/// <summary>What a proxy has done, for its metrics, and whether it keeps up, for its health check. Safe to share.</summary>
internal sealed class ProxyActivity(TimeProvider time)
{
    /// <summary>Changes that wait for longer than this are not going to be made: twice upstream's period of synchronisation.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly DurationHistogram _all = new();
    private readonly DurationHistogram _full = new();
    private readonly DurationHistogram _partial = new();
    private DateTimeOffset? _queued;
    private DateTimeOffset _lastQueued;
    private DateTimeOffset _lastSynced;
    private long _changes;
    private long _failures;
    private bool _isLeaving;

    /// <summary>Something changed that the kernel does not know yet.</summary>
    /// <param name="services">The number of Services.</param>
    /// <param name="isLeaving">Whether the node is about to go.</param>
    public void Queued(int services, bool isLeaving)
    {
        lock (_gate)
        {
            _lastQueued = time.GetUtcNow();
            _queued ??= _lastQueued;
            _changes += services;
            _isLeaving = isLeaving;
        }
    }

    /// <summary>The kernel knows all.</summary>
    /// <param name="duration">How long it took.</param>
    /// <param name="wasFull">Whether the whole table was written.</param>
    public void Synced(TimeSpan duration, bool wasFull)
    {
        lock (_gate)
        {
            _queued = null;
            _lastSynced = time.GetUtcNow();
            _all.Add(duration);
            (wasFull ? _full : _partial).Add(duration);
        }
    }

    /// <summary>The kernel has refused a change.</summary>
    public void Failed()
    {
        lock (_gate)
        {
            _failures++;
        }
    }

    /// <summary>Whether it keeps up, whether traffic is to be sent to the node, and when it last wrote.</summary>
    public (bool IsAlive, bool IsEligible, DateTimeOffset LastSynced) Health()
    {
        lock (_gate)
        {
            return (_queued is not { } since || time.GetUtcNow() - since < Patience, !_isLeaving, _lastSynced);
        }
    }

    /// <summary>Writes the metrics, by the names of upstream's proxy.</summary>
    public void Write(StringBuilder text)
    {
        lock (_gate)
        {
            _all.Write(text, "kubeproxy_sync_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds");
            _full.Write(text, "kubeproxy_sync_full_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds for full resyncs");
            _partial.Write(text, "kubeproxy_sync_partial_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds for partial resyncs");
            Write(text, "gauge", "kubeproxy_sync_proxy_rules_last_timestamp_seconds", "The last time proxy rules were successfully synced", Seconds(_lastSynced));
            Write(text, "gauge", "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds", "The last time a sync of proxy rules was queued", Seconds(_lastQueued));
            Write(text, "counter", "kubeproxy_sync_proxy_rules_service_changes_total", "Cumulative proxy rules Service changes", _changes);
            Write(text, "counter", "kubeproxy_sync_proxy_rules_nftables_sync_failures_total", "Cumulative proxy nftables sync failures", _failures);
        }
    }

    private static double Seconds(DateTimeOffset at) => at == default ? 0 : at.ToUnixTimeMilliseconds() / 1000.0;

    private static void Write(StringBuilder text, string type, string name, string help, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value}\n");
}
