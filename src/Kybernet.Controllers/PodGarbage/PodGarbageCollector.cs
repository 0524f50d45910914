using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.Controllers.PodGarbage;

/// <summary>
/// Deletes the pods that nobody else will: the eldest of those that ended when there are too many, those of nodes that are gone for good, and those that
/// were deleted before they had a node whose kubelet could let them go.
/// </summary>
internal sealed partial class PodGarbageCollector(
    ApiClient client, ILister<Pod> pods, ILister<Node> nodes, int threshold, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(20);

    // A node that is not in the cache may be about to come: only one that was missing for so long, and that the server does not know, is gone.
    private static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);
    private readonly Dictionary<string, long> _missingSince = new(StringComparer.Ordinal);

    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("pod-garbage-collector");
        var collector = new PodGarbageCollector(
            client, context.Informers.Informer<Pod>(), context.Informers.Informer<Node>(), context.Options.TerminatedPodThreshold, context.Time,
            context.Logger("pod-garbage-collector"));
        context.Run(collector.RunAsync);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await CollectAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                LogFailed(exception);
            }
            await Task.Delay(Period, time, cancellationToken);
        }
    }

    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        var all = pods.List();
        await DeleteTerminatedAsync(all, cancellationToken);
        await DeleteOrphanedAsync(all, cancellationToken);
        foreach (var pod in all)
        {
            if (pod.Metadata.DeletionTimestamp is not null && string.IsNullOrEmpty(pod.Spec.NodeName))
            {
                await DeleteAsync(pod, null, cancellationToken);
            }
        }
    }

    private async Task DeleteTerminatedAsync(IReadOnlyList<Pod> all, CancellationToken cancellationToken)
    {
        if (threshold <= 0)
        {
            return;
        }
        var ended = all.Where(static pod => pod.IsTerminal()).ToList();
        foreach (var pod in ended.OrderBy(static pod => pod.Metadata.CreationTimestamp).Take(ended.Count - threshold))
        {
            await DeleteAsync(pod, null, cancellationToken);
        }
    }

    private async Task DeleteOrphanedAsync(IReadOnlyList<Pod> all, CancellationToken cancellationToken)
    {
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pod in all)
        {
            if (pod.Spec.NodeName is { Length: > 0 } name && nodes.Get(new NamespacedName("", name)) is null)
            {
                missing.Add(name);
            }
        }
        foreach (var known in _missingSince.Keys.Where(known => !missing.Contains(known)).ToList())
        {
            _missingSince.Remove(known);
        }
        foreach (var name in missing)
        {
            if (!_missingSince.TryAdd(name, time.GetTimestamp()) && time.GetElapsedTime(_missingSince[name]) >= Quarantine
                && await client.FindAsync<Node>("", name, cancellationToken) is null)
            {
                foreach (var pod in all.Where(pod => pod.Spec.NodeName == name))
                {
                    await DeleteAsync(pod, "PodGC: node no longer exists", cancellationToken);
                }
            }
        }
    }

    private async Task DeleteAsync(Pod pod, string? disruption, CancellationToken cancellationToken)
    {
        LogDeleting(pod.Metadata.Namespace, pod.Metadata.Name);
        try
        {
            if (!pod.IsTerminal())
            {
                await client.PatchAsync<Pod>(pod.Metadata.Namespace!, pod.Metadata.Name!, "status", Failed(pod, disruption), cancellationToken);
            }
        }
        catch (ApiException exception) when (exception.IsConflict || exception.IsNotFound)
        {
            return; // it changed: the next round looks again
        }
        var options = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = pod.Metadata.Uid } };
        await client.DeleteAsync<Pod>(pod.Metadata.Namespace!, pod.Metadata.Name!, options, cancellationToken);
    }

    private Patch Failed(Pod pod, string? disruption)
    {
        var status = PodStatus.Empty with { Phase = PodStatuses.Failed };
        if (disruption is not null)
        {
            status = PodDisruption.With(status, "DeletionByPodGC", disruption, time.GetUtcNow());
        }
        return Patch.Strategic(new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
            ["status"] = JsonNode.Parse(ModelJson.ToUtf8(status)),
        });
    }

    [LoggerMessage(LogLevel.Information, "Deleting pod {Namespace}/{Name}: nobody else will")]
    private partial void LogDeleting(string? @namespace, string? name);

    [LoggerMessage(LogLevel.Warning, "Collecting pods failed; the next round tries again")]
    private partial void LogFailed(Exception exception);
}
