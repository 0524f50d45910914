using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Hosting;

/// <summary>Writes to an API server; so many requests at a time, so that a burst of bindings does not exhaust it.</summary>
internal sealed class ApiWrites(ApiClient client, EventWriter events, int parallel, TimeProvider time) : ISchedulerApi, IDisposable
{
    private readonly SemaphoreSlim _slots = new(parallel);

    public void Dispose() => _slots.Dispose();

    public async Task BindAsync(PodFacts pod, string node, CancellationToken cancellationToken)
    {
        var binding = new Binding
        {
            Metadata = new ObjectMeta { Namespace = pod.Key.Namespace, Name = pod.Key.Name, Uid = pod.Uid },
            Target = new ObjectReference { Kind = "Node", Name = node },
        };
        await _slots.WaitAsync(cancellationToken);
        try
        {
            await client.PostAsync<Pod>(pod.Key.Namespace, pod.Key.Name, "binding", binding, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    public async Task PatchStatusAsync(Pod pod, PodCondition condition, string? nominatedNode, CancellationToken cancellationToken)
    {
        if (!ConditionChange.IsNeeded(pod, condition, nominatedNode))
        {
            return;
        }
        var patch = PatchOf(pod, condition, nominatedNode);
        await _slots.WaitAsync(cancellationToken);
        try
        {
            await client.PatchAsync<Pod>(pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "", "status", patch, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            // It was deleted meanwhile, and needs no condition any more.
        }
        finally
        {
            _slots.Release();
        }
    }

    public async Task DeleteAsync(PodFacts pod, CancellationToken cancellationToken)
    {
        var options = new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Uid } };
        await _slots.WaitAsync(cancellationToken);
        try
        {
            await client.DeleteAsync<Pod>(pod.Key.Namespace, pod.Key.Name, options, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    public Task UpdateAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken) => ReplaceAsync(claim, cancellationToken);

    public Task UpdateAsync(PersistentVolume volume, CancellationToken cancellationToken) => ReplaceAsync(volume, cancellationToken);

    public void Report(PodFacts pod, PodFacts? related, string type, string reason, string action, string note) =>
        events.Record((related ?? pod).SchedulerName, pod.Pod, related?.Pod, type, reason, action, note);

    private async Task ReplaceAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            await client.UpdateAsync(item, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    private Patch PatchOf(Pod pod, PodCondition condition, string? nominatedNode)
    {
        var turned = ConditionChange.Find(pod, condition.Type) is { } current && current.Status == condition.Status
            ? current.LastTransitionTime
            : time.GetUtcNow();
        var status = new JsonObject
        {
            ["conditions"] = new JsonArray(ModelJson.ToTree(condition with { LastTransitionTime = turned })),
        };
        if (nominatedNode is not null)
        {
            status["nominatedNodeName"] = nominatedNode.Length == 0 ? null : JsonValue.Create(nominatedNode);
        }
        return Patch.Strategic(new JsonObject
        {
            // A pod of the same name that came after this one is not meant.
            ["metadata"] = new JsonObject { ["uid"] = JsonValue.Create(pod.Metadata.Uid) },
            ["status"] = status,
        });
    }
}
