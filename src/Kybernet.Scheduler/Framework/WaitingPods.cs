using System.Collections.Concurrent;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Framework;

/// <summary>A pod that may be bound as soon as all plugins allow it that had it wait. Safe to share.</summary>
public sealed class WaitingPod
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TimeSpan> _pending;
    private readonly TaskCompletionSource<PluginStatus> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal WaitingPod(PodFacts pod, Dictionary<string, TimeSpan> pending)
    {
        Pod = pod;
        _pending = pending;
    }

    /// <summary>The pod.</summary>
    public PodFacts Pod { get; }

    /// <summary>A plugin allows the pod.</summary>
    public void Allow(string plugin)
    {
        lock (_lock)
        {
            _pending.Remove(plugin);
            if (_pending.Count == 0)
            {
                _decided.TrySetResult(PluginStatus.Success);
            }
        }
    }

    /// <summary>A plugin refuses the pod.</summary>
    public void Reject(string plugin, string reason)
    {
        RejectedBy = plugin;
        _decided.TrySetResult(PluginStatus.Unschedulable(reason));
    }

    /// <summary>The plugin that refused it, or whose time was over first.</summary>
    internal string? RejectedBy { get; private set; }

    internal async Task<PluginStatus> WaitAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var (plugin, timeout) = First();
        try
        {
            return await _decided.Task.WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            Reject(plugin, $"timeout after {timeout.TotalSeconds:0.###}s waiting on permit from plugin \"{plugin}\"");
            return await _decided.Task;
        }
    }

    private (string Plugin, TimeSpan Timeout) First()
    {
        lock (_lock)
        {
            var first = (Plugin: "", Timeout: TimeSpan.MaxValue);
            foreach (var (plugin, timeout) in _pending)
            {
                if (timeout < first.Timeout)
                {
                    first = (plugin, timeout);
                }
            }
            return first.Plugin.Length == 0 ? ("", TimeSpan.FromMinutes(15)) : first;
        }
    }
}

/// <summary>The pods of a profile that wait for permission. Safe to share.</summary>
internal sealed class WaitingPods
{
    private readonly ConcurrentDictionary<string, WaitingPod> _pods = new(StringComparer.Ordinal);

    public WaitingPod? Find(string uid) => _pods.GetValueOrDefault(uid);

    public void Add(WaitingPod pod) => _pods[pod.Pod.Uid] = pod;

    public void Remove(string uid) => _pods.TryRemove(uid, out _);
}
