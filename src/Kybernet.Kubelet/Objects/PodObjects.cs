using System.Collections.Concurrent;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Environment;

namespace Kybernet.Kubelet.Objects;

/// <summary>
/// The ConfigMaps and Secrets that pods of this node refer to. They are read from the API server when they are asked for and kept for a few
/// seconds, so that a hundred pods that start together with the same ConfigMap read it once.
/// </summary>
internal sealed class PodObjects(ApiClient client, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<NamespacedName, Kept<ConfigMap>> _configMaps = new();
    private readonly ConcurrentDictionary<NamespacedName, Kept<Secret>> _secrets = new();

    /// <summary>Reads a ConfigMap; null where there is none and it is optional.</summary>
    /// <exception cref="ContainerConfigException">There is none.</exception>
    public async Task<ConfigMap?> FindConfigMapAsync(string @namespace, string name, bool optional, CancellationToken cancellationToken)
    {
        var found = await FindAsync(_configMaps, new NamespacedName(@namespace, name), cancellationToken);
        return found is null && !optional ? throw new ContainerConfigException($"configmap \"{name}\" not found") : found;
    }

    /// <summary>Reads a Secret; null where there is none and it is optional.</summary>
    /// <exception cref="ContainerConfigException">There is none.</exception>
    public async Task<Secret?> FindSecretAsync(string @namespace, string name, bool optional, CancellationToken cancellationToken)
    {
        var found = await FindAsync(_secrets, new NamespacedName(@namespace, name), cancellationToken);
        return found is null && !optional ? throw new ContainerConfigException($"secret \"{name}\" not found") : found;
    }

    private async Task<T?> FindAsync<T>(ConcurrentDictionary<NamespacedName, Kept<T>> kept, NamespacedName key, CancellationToken cancellationToken)
        where T : class, Api.Json.IResourceObject<T>
    {
        var now = time.GetUtcNow();
        if (kept.TryGetValue(key, out var known) && now - known.ReadAt < Freshness)
        {
            return known.Value;
        }
        var value = await client.FindAsync<T>(key.Namespace, key.Name, cancellationToken);
        kept[key] = new Kept<T>(value, now);
        foreach (var (other, old) in kept)
        {
            if (now - old.ReadAt >= Freshness)
            {
                kept.TryRemove(new KeyValuePair<NamespacedName, Kept<T>>(other, old));
            }
        }
        return value;
    }

    private sealed record Kept<T>(T? Value, DateTimeOffset ReadAt);
}
