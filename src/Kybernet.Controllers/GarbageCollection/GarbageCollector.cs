using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.GarbageCollection;

/// <summary>
/// Deletes objects whose owners are all gone, lets an owner that is deleted in the foreground go when no dependent holds it back, and makes dependents
/// forget an owner that is deleted without them. The key is an object's uid. Nothing is deleted on the word of a cache: the server is asked first.
/// </summary>
internal sealed class GarbageCollector(ApiClient client, OwnerGraph graph, GarbageMonitors monitors, WorkQueue<NamespacedName> queue, IEventRecorder events)
    : IReconciler
{
    private static readonly TimeSpan NotReadyWait = TimeSpan.FromMilliseconds(200);

    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("generic-garbage-collector");
        var queue = context.Queue("garbage-collector");
        var graph = new OwnerGraph(uid => queue.Add(Key(uid)));
        var monitors = new GarbageMonitors(new Discovery(client), context.Informers, graph, context.Time, context.Logger("garbage-collector"));
        var collector = new GarbageCollector(client, graph, monitors, queue, context.Events(client, "garbage-collector-controller"));
        context.Run(monitors.RunAsync);
        context.Run("garbage-collector", collector, queue, 20);
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (graph.Get(key.Name) is not { } entry || (entry.IsDeleting && !entry.IsDeletingDependents && !entry.IsOrphaning))
        {
            return Requeue.OnChange;
        }
        if (!monitors.IsReady)
        {
            return Requeue.In(NotReadyWait);
        }
        var path = await PathAsync(entry.Identity, cancellationToken);
        if (await FindAsync(path, cancellationToken) is not { } live || live.Header.Uid != key.Name)
        {
            graph.Remove(key.Name);
            return Requeue.OnChange;
        }
        if (entry.IsOrphaning)
        {
            await OrphanDependentsAsync(entry.Identity, path, live, cancellationToken);
        }
        else if (entry.IsDeletingDependents)
        {
            await LetGoOrWaitAsync(path, live, cancellationToken);
        }
        else if (live.Header.OwnerReferences.Count > 0)
        {
            await DeleteUnlessOwnedAsync(entry.Identity, path, live, cancellationToken);
        }
        return Requeue.OnChange;
    }

    private static NamespacedName Key(string uid) => new("", uid);

    /// <summary>Where an object is served. Kinds that are new are looked up once more.</summary>
    private async Task<string> PathAsync(ObjectIdentity identity, CancellationToken cancellationToken)
    {
        var served = monitors.Find(identity.ApiVersion, identity.Kind);
        if (served is null)
        {
            await monitors.LookAsync(cancellationToken);
            served = monitors.Find(identity.ApiVersion, identity.Kind)
                ?? throw new InvalidOperationException($"no resource is served for {identity}: whether it exists cannot be told");
        }
        // An owner may be of the cluster though its dependent is in a namespace.
        var @namespace = served.IsNamespaced ? identity.Key.Namespace : "";
        return $"{ResourcePath.Of(served.Resource, @namespace)}/{Uri.EscapeDataString(identity.Key.Name)}";
    }

    private async Task<EncodedObject?> FindAsync(string path, CancellationToken cancellationToken)
    {
        var reply = await client.Transport.SendAsync(new ApiCall(HttpMethod.Get, path), cancellationToken);
        if (reply.StatusCode == 404)
        {
            return null;
        }
        ApiClient.ThrowIfFailed(reply);
        return EncodedObject.Parse(reply.Body);
    }

    private async Task OrphanDependentsAsync(ObjectIdentity owner, string path, EncodedObject live, CancellationToken cancellationToken)
    {
        foreach (var dependent in graph.Dependents(owner.Uid, onlyBlocking: false))
        {
            var dependentPath = await PathAsync(dependent.Identity, cancellationToken);
            if (await FindAsync(dependentPath, cancellationToken) is { } item && item.Header.Uid == dependent.Identity.Uid)
            {
                await KeepOwnersAsync(dependentPath, item, reference => reference.Uid != owner.Uid, cancellationToken);
            }
        }
        await RemoveFinalizerAsync(path, live, OwnerGraph.OrphanFinalizer, cancellationToken);
    }

    private async Task LetGoOrWaitAsync(string path, EncodedObject live, CancellationToken cancellationToken)
    {
        var blocking = graph.Dependents(live.Header.Uid, onlyBlocking: true);
        if (blocking.Count == 0)
        {
            await RemoveFinalizerAsync(path, live, OwnerGraph.ForegroundFinalizer, cancellationToken);
            return;
        }
        foreach (var dependent in blocking)
        {
            if (!dependent.IsDeletingDependents)
            {
                queue.Add(Key(dependent.Identity.Uid));
            }
        }
    }

    private async Task DeleteUnlessOwnedAsync(ObjectIdentity identity, string path, EncodedObject live, CancellationToken cancellationToken)
    {
        var (solid, waiting) = (0, new HashSet<string>(StringComparer.Ordinal));
        var gone = new HashSet<string>(StringComparer.Ordinal);
        foreach (var owner in live.Header.OwnerReferences)
        {
            switch (await LookAtOwnerAsync(identity, owner, cancellationToken))
            {
                case OwnerState.Gone:
                    gone.Add(owner.Uid);
                    break;
                case OwnerState.WaitsForDependents:
                    waiting.Add(owner.Uid);
                    break;
                default:
                    solid++;
                    break;
            }
        }
        if (solid > 0)
        {
            if (gone.Count + waiting.Count > 0)
            {
                await KeepOwnersAsync(path, live, reference => !gone.Contains(reference.Uid) && !waiting.Contains(reference.Uid), cancellationToken);
            }
            return;
        }
        if (waiting.Count > 0 && graph.Dependents(identity.Uid, onlyBlocking: false) is { Count: > 0 } dependents)
        {
            // Its own dependents go first, as its owner waits for it. In a circle nobody would ever be the first: it stops blocking.
            if (dependents.Exists(static dependent => dependent.IsDeletingDependents))
            {
                live = await UnblockOwnersAsync(path, live, cancellationToken);
            }
            await DeleteAsync(path, live, "Foreground", cancellationToken);
            return;
        }
        var policy = live.Header.Finalizers.Contains(OwnerGraph.OrphanFinalizer) ? "Orphan"
            : live.Header.Finalizers.Contains(OwnerGraph.ForegroundFinalizer) ? "Foreground" : "Background";
        await DeleteAsync(path, live, policy, cancellationToken);
    }

    private async Task<OwnerState> LookAtOwnerAsync(ObjectIdentity dependent, OwnerReference reference, CancellationToken cancellationToken)
    {
        var owner = ObjectIdentity.Of(reference, dependent.Key.Namespace);
        var path = await PathAsync(owner, cancellationToken);
        if (dependent.Key.Namespace.Length == 0 && monitors.Find(reference.ApiVersion, reference.Kind) is { IsNamespaced: true })
        {
            // What belongs to the whole cluster cannot have an owner in a namespace: which one is not said, so it is left alone.
            events.Record(
                dependent.ToReference(), EventType.Warning, "OwnerRefInvalidNamespace", $"ownerRef {owner} does not exist in namespace \"\"");
            return OwnerState.Solid;
        }
        var live = await FindAsync(path, cancellationToken);
        if (live is null || live.Header.Uid != reference.Uid)
        {
            if (graph.Get(reference.Uid) is { IsVirtual: false } known && known.Identity.Key.Namespace.Length > 0
                && known.Identity.Key.Namespace != dependent.Key.Namespace)
            {
                events.Record(
                    dependent.ToReference(), EventType.Warning, "OwnerRefInvalidNamespace",
                    $"ownerRef {owner} does not exist in namespace \"{dependent.Key.Namespace}\"");
            }
            return OwnerState.Gone;
        }
        return live.Header.IsDeleting && live.Header.Finalizers.Contains(OwnerGraph.ForegroundFinalizer) ? OwnerState.WaitsForDependents : OwnerState.Solid;
    }

    private Task<EncodedObject?> KeepOwnersAsync(string path, EncodedObject live, Func<OwnerReference, bool> isKept, CancellationToken cancellationToken) =>
        live.Header.OwnerReferences.All(isKept)
            ? Task.FromResult<EncodedObject?>(live)
            : PatchAsync(path, live, "ownerReferences", live.Header.OwnerReferences.Where(isKept).Select(static JsonNode (reference) => ModelJson.ToTree(reference)), cancellationToken);

    private async Task<EncodedObject> UnblockOwnersAsync(string path, EncodedObject live, CancellationToken cancellationToken)
    {
        var references = live.Header.OwnerReferences.Select(static JsonNode (reference) => ModelJson.ToTree(reference with { BlockOwnerDeletion = false }));
        return await PatchAsync(path, live, "ownerReferences", references, cancellationToken) ?? live;
    }

    private Task RemoveFinalizerAsync(string path, EncodedObject live, string finalizer, CancellationToken cancellationToken) =>
        live.Header.Finalizers.Contains(finalizer)
            ? PatchAsync(path, live, "finalizers", live.Header.Finalizers.Where(known => known != finalizer).Select(static JsonNode (known) => JsonValue.Create(known)), cancellationToken)
            : Task.CompletedTask;

    /// <summary>Replaces a list of the metadata, if the object is still as it was read. A merge patch, for custom resources know no other kind.</summary>
    /// <returns>The object after it; null where it is gone.</returns>
    private async Task<EncodedObject?> PatchAsync(string path, EncodedObject live, string field, IEnumerable<JsonNode> items, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject
        {
            ["uid"] = live.Header.Uid,
            ["resourceVersion"] = live.Header.ResourceVersion,
            [field] = new JsonArray([.. items]),
        };
        var patch = Patch.Merge(new JsonObject { ["metadata"] = metadata });
        var reply = await client.Transport.SendAsync(
            new ApiCall(HttpMethod.Patch, path) { Body = patch.Body, ContentType = patch.ContentType }, cancellationToken);
        if (reply.StatusCode == 404)
        {
            return null;
        }
        ApiClient.ThrowIfFailed(reply);
        return EncodedObject.Parse(reply.Body);
    }

    private async Task DeleteAsync(string path, EncodedObject live, string policy, CancellationToken cancellationToken)
    {
        var options = new DeleteOptions
        {
            PropagationPolicy = policy,
            Preconditions = new Preconditions { Uid = live.Header.Uid, ResourceVersion = live.Header.ResourceVersion },
        };
        var reply = await client.Transport.SendAsync(new ApiCall(HttpMethod.Delete, path) { Body = ModelJson.ToUtf8(options) }, cancellationToken);
        if (reply.StatusCode != 404)
        {
            ApiClient.ThrowIfFailed(reply);
        }
    }

    private enum OwnerState
    {
        Solid,
        Gone,
        WaitsForDependents,
    }
}
