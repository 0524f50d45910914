using Kybernet.Api.Core.V1;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Tests;

/// <summary>Stands in for the API server: keeps what is written as lines, and fails bindings on demand.</summary>
internal sealed class RecordingApi : ISchedulerApi
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    /// <summary>What the next bindings fail with; null to succeed.</summary>
    public Exception? BindFailure { get; set; }

    public List<(PodFacts Pod, string Node)> Bound { get; } = [];

    public List<PodFacts> Deleted { get; } = [];

    public Dictionary<string, (PodCondition Condition, string? Nominated)> Conditions { get; } = [];

    /// <summary>Is given the claims that are written.</summary>
    public Action<PersistentVolumeClaim>? OnClaim { get; set; }

    /// <summary>Is given the volumes that are written.</summary>
    public Action<PersistentVolume>? OnVolume { get; set; }

    public IReadOnlyList<string> TakeLines()
    {
        lock (_lock)
        {
            var lines = _lines.ToArray();
            _lines.Clear();
            return lines;
        }
    }

    public Task BindAsync(PodFacts pod, string node, CancellationToken cancellationToken)
    {
        if (BindFailure is { } failure)
        {
            return Task.FromException(failure);
        }
        lock (_lock)
        {
            Bound.Add((pod, node));
        }
        return Task.CompletedTask;
    }

    public Task PatchStatusAsync(Pod pod, PodCondition condition, string? nominatedNode, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Conditions[pod.Metadata.Name!] = (condition, nominatedNode);
            _lines.Add($"condition {pod.Metadata.Name}: {condition.Type}={condition.Status} {condition.Reason}"
                + (nominatedNode is { Length: > 0 } ? $", nominated to {nominatedNode}" : ""));
        }
        return Task.CompletedTask;
    }

    public Task DeleteAsync(PodFacts pod, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Deleted.Add(pod);
            _lines.Add($"delete {pod.Key.Name}");
        }
        return Task.CompletedTask;
    }

    public Task UpdateAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken) => ReplaceAsync(claim, OnClaim);

    public Task UpdateAsync(PersistentVolume volume, CancellationToken cancellationToken) => ReplaceAsync(volume, OnVolume);

    public void Report(PodFacts pod, PodFacts? related, string type, string reason, string action, string note)
    {
        lock (_lock)
        {
            _lines.Add($"event {pod.Key.Name}: {type} {reason} {action} {note}");
        }
    }

    private static Task ReplaceAsync<T>(T item, Action<T>? write)
    {
        write?.Invoke(item);
        return Task.CompletedTask;
    }
}
