using System.Globalization;
using System.Text;
using Kybernet.Scheduler.Cache;

namespace Kybernet.Scheduler.Framework;

/// <summary>Why a pod fits nowhere: what refused each node. Valid during the cycle that it belongs to; then it is used for the next.</summary>
public sealed class Diagnosis
{
    private PluginStatus?[] _statuses = [];
    private Snapshot? _snapshot;

    internal Diagnosis()
    {
    }

    /// <summary>What PreFilter said where it refused the pod on all nodes; empty where it did not.</summary>
    public string PreFilterMessage { get; internal set; } = "";

    /// <summary>What PostFilter said; empty where it said nothing.</summary>
    public string PostFilterMessage { get; internal set; } = "";

    /// <summary>The nodes that the diagnosis is about.</summary>
    public Snapshot Snapshot => _snapshot ?? throw new InvalidOperationException("no cycle has begun");

    /// <summary>The plugins that refused, by their places in the profile.</summary>
    internal ulong RejectedBy { get; set; }

    /// <summary>What holds for nodes that were not looked at.</summary>
    internal PluginStatus Absent { get; set; } = PluginStatus.Success;

    /// <summary>What refused a node; success where nothing did.</summary>
    public PluginStatus StatusOf(NodeInfo node) => _statuses[node.Index] ?? Absent;

    internal void Begin(Snapshot snapshot)
    {
        _snapshot = snapshot;
        if (_statuses.Length < snapshot.Count)
        {
            _statuses = new PluginStatus?[snapshot.Count];
        }
        Array.Clear(_statuses);
        PreFilterMessage = "";
        PostFilterMessage = "";
        RejectedBy = 0;
        Absent = PluginStatus.Success;
    }

    internal void Refuse(NodeInfo node, PluginStatus status, int plugin)
    {
        _statuses[node.Index] = status;
        RejectedBy |= 1UL << plugin;
    }

    internal void SetStatus(NodeInfo node, PluginStatus status) => _statuses[node.Index] = status;

    /// <summary>The line that conditions and events show.</summary>
    public string Message()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"0/{Snapshot.Count} nodes are available:");
        if (PreFilterMessage.Length > 0)
        {
            text.Append(' ').Append(PreFilterMessage).Append('.');
        }
        else
        {
            AppendReasons(text);
        }
        if (PostFilterMessage.Length > 0)
        {
            text.Append(' ').Append(PostFilterMessage);
        }
        return text.ToString();
    }

    private void AppendReasons(StringBuilder text)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in Snapshot.Nodes)
        {
            foreach (var reason in StatusOf(node).Reasons)
            {
                counts[reason] = counts.GetValueOrDefault(reason) + 1;
            }
        }
        if (counts.Count == 0)
        {
            return;
        }
        var lines = new List<string>(counts.Count);
        foreach (var (reason, count) in counts)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {reason}"));
        }
        lines.Sort(StringComparer.Ordinal);
        text.Append(' ').AppendJoin(", ", lines).Append('.');
    }
}
