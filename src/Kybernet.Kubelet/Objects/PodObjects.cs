using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;
using Kybernet.Kubelet.Environment;

namespace Kybernet.Kubelet.Objects;

/// <summary>
/// The ConfigMaps and Secrets that pods of this node refer to. Each is watched by its name, which is all that a node may do, for as long as one of the
/// node's pods refers to it.
/// </summary>
internal sealed class PodObjects(ApiClient client, InformerFactory informers, TimeProvider time)
{
    // Where the watch does not come about, asking once more says why.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Dictionary<ObjectKey, Followed> _followed = [];
    private readonly Dictionary<string, HashSet<ObjectKey>> _byPod = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Is told the uid of each pod whose ConfigMap or Secret came, changed or went.</summary>
    public event Action<string>? Changed;

    /// <summary>Begins to watch what a pod refers to, and what it refers to newly.</summary>
    public void Follow(Pod pod)
    {
        var uid = pod.Metadata.Uid ?? "";
        var @namespace = pod.Metadata.Namespace ?? "";
        var wanted = PodReferences.ConfigMaps(pod).Select(name => new ObjectKey(ConfigMap.Resource, @namespace, name))
            .Concat(PodReferences.Secrets(pod).Select(name => new ObjectKey(Secret.Resource, @namespace, name)));
        var begun = new List<(ObjectKey Key, ObjectInformer Informer)>();
        lock (_gate)
        {
            if (!_byPod.TryGetValue(uid, out var keys))
            {
                _byPod[uid] = keys = [];
            }
            foreach (var key in wanted)
            {
                if (!keys.Add(key))
                {
                    continue;
                }
                if (!_followed.TryGetValue(key, out var followed))
                {
                    var selection = new ListSelection(FieldSelector: $"metadata.name={key.Name}");
                    _followed[key] = followed = new Followed(informers.Objects(key.Resource, key.Namespace, selection), []);
                    begun.Add((key, followed.Informer));
                }
                followed.Pods.Add(uid);
            }
        }
        // Not under the lock: an informer tells its handlers under a lock of its own, and they take this one.
        foreach (var (key, informer) in begun)
        {
            void Tell(EncodedObject changed) => TellPods(key);
            informer.AddHandler(new InformerHandler<EncodedObject>(Tell, (_, current) => Tell(current), Tell));
        }
    }

    /// <summary>Ends watching what only this pod referred to.</summary>
    public void Forget(string podUid)
    {
        lock (_gate)
        {
            if (!_byPod.Remove(podUid, out var keys))
            {
                return;
            }
            foreach (var key in keys)
            {
                var followed = _followed[key];
                followed.Pods.Remove(podUid);
                if (followed.Pods.Count == 0)
                {
                    _followed.Remove(key);
                    informers.Forget(followed.Informer);
                }
            }
        }
    }

    /// <summary>Reads a ConfigMap; null where there is none and it is optional.</summary>
    /// <exception cref="ContainerConfigException">There is none.</exception>
    public async Task<ConfigMap?> FindConfigMapAsync(string @namespace, string name, bool optional, CancellationToken cancellationToken)
    {
        var found = await FindAsync<ConfigMap>(@namespace, name, cancellationToken);
        return found is null && !optional ? throw new ContainerConfigException($"configmap \"{name}\" not found") : found;
    }

    /// <summary>Reads a Secret; null where there is none and it is optional.</summary>
    /// <exception cref="ContainerConfigException">There is none.</exception>
    public async Task<Secret?> FindSecretAsync(string @namespace, string name, bool optional, CancellationToken cancellationToken)
    {
        var found = await FindAsync<Secret>(@namespace, name, cancellationToken);
        return found is null && !optional ? throw new ContainerConfigException($"secret \"{name}\" not found") : found;
    }

    private async Task<T?> FindAsync<T>(string @namespace, string name, CancellationToken cancellationToken)
        where T : class, IResourceObject<T>
    {
        ObjectInformer? informer;
        lock (_gate)
        {
            informer = _followed.TryGetValue(new ObjectKey(T.Resource, @namespace, name), out var followed) ? followed.Informer : null;
        }
        if (informer is not null && await SyncsAsync(informer, cancellationToken))
        {
            return informer.Get(new NamespacedName(@namespace, name))?.As<T>();
        }
        return await client.FindAsync<T>(@namespace, name, cancellationToken);
    }

    private async Task<bool> SyncsAsync(ObjectInformer informer, CancellationToken cancellationToken)
    {
        if (informer.HasSynced)
        {
            return true;
        }
        try
        {
            await informer.WaitForSyncAsync(cancellationToken).WaitAsync(Patience, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void TellPods(ObjectKey key)
    {
        string[] pods;
        lock (_gate)
        {
            pods = _followed.TryGetValue(key, out var followed) ? [.. followed.Pods] : [];
        }
        foreach (var pod in pods)
        {
            Changed?.Invoke(pod);
        }
    }

    private readonly record struct ObjectKey(GroupVersionResource Resource, string Namespace, string Name);

    private sealed record Followed(ObjectInformer Informer, HashSet<string> Pods);
}
