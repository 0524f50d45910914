using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Namespaces;

/// <summary>What became of a namespace's content.</summary>
/// <param name="Left">How many objects are left of each resource.</param>
/// <param name="Finalizers">How many objects each finalizer holds back.</param>
/// <param name="DiscoveryFailures">The groups of which nothing is known.</param>
/// <param name="DeletionFailures">What could not be deleted, and why.</param>
/// <param name="LookAgainIn">When more will have gone.</param>
internal sealed record NamespaceOutcome(
    IReadOnlyDictionary<Kybernet.Api.GroupResource, int> Left,
    IReadOnlyDictionary<string, int> Finalizers,
    IReadOnlyList<string> DiscoveryFailures,
    IReadOnlyList<string> DeletionFailures,
    TimeSpan LookAgainIn)
{
    /// <summary>What to try again because of; null where there is nothing.</summary>
    public Exception? Failure => DeletionFailures.Count + DiscoveryFailures.Count == 0
        ? null
        : new InvalidOperationException(string.Join("; ", DiscoveryFailures.Concat(DeletionFailures)));
}

/// <summary>Deletes all that a namespace holds, of every resource that the server serves.</summary>
internal sealed class NamespaceContent(ApiClient client, Discovery discovery, TimeProvider time)
{
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(1);

    public async Task<NamespaceOutcome> DeleteAsync(string @namespace, DateTimeOffset deletedAt, CancellationToken cancellationToken)
    {
        var (resources, discoveryFailures) = await discovery.FindAsync(cancellationToken);
        var left = new Dictionary<Kybernet.Api.GroupResource, int>();
        var finalizers = new Dictionary<string, int>(StringComparer.Ordinal);
        var failures = new List<string>();
        var wait = TimeSpan.Zero;
        // Pods first, and nothing else until they are gone: what they use (policies, secrets) must not vanish under what still runs.
        foreach (var resource in resources.OrderBy(static resource => IsPods(resource) ? 0 : 1))
        {
            if (left.ContainsKey(Pod.Resource.GroupResource))
            {
                break;
            }
            if (!resource.IsNamespaced || !resource.Verbs.Contains("delete") || !resource.Verbs.Contains("list"))
            {
                continue;
            }
            try
            {
                var remaining = await DeleteAsync(resource, @namespace, cancellationToken);
                if (remaining.Count > 0)
                {
                    left[resource.Resource.GroupResource] = remaining.Count;
                    Count(remaining, finalizers);
                    var estimate = IsPods(resource) ? GracePeriod(remaining, deletedAt) : UsualWait;
                    wait = estimate > wait ? estimate : wait;
                }
            }
            catch (ApiException exception) when (exception.Code is 404 or 405)
            {
                // not served any more, or not to be listed or deleted
            }
            catch (ApiException exception)
            {
                failures.Add($"{resource.Resource}: {exception.Message}");
            }
        }
        return new NamespaceOutcome(left, finalizers, discoveryFailures, failures, wait);
    }

    private static bool IsPods(ServedResource resource) => resource.Resource.GroupResource == Pod.Resource.GroupResource;

    private static void Count(IReadOnlyList<EncodedObject> remaining, Dictionary<string, int> finalizers)
    {
        foreach (var item in remaining)
        {
            foreach (var finalizer in item.Header.Finalizers)
            {
                finalizers[finalizer] = finalizers.GetValueOrDefault(finalizer) + 1;
            }
        }
    }

    private async Task<IReadOnlyList<EncodedObject>> DeleteAsync(ServedResource resource, string @namespace, CancellationToken cancellationToken)
    {
        var path = ResourcePath.Of(resource.Resource, @namespace);
        var items = await ListAsync(path, cancellationToken);
        if (items.Count == 0)
        {
            return items;
        }
        var options = ModelJson.ToUtf8(new DeleteOptions { PropagationPolicy = "Background" });
        if (resource.Verbs.Contains("deletecollection"))
        {
            ApiClient.ThrowIfFailed(await client.Transport.SendAsync(new ApiCall(HttpMethod.Delete, path) { Body = options }, cancellationToken));
        }
        else
        {
            foreach (var item in items)
            {
                var reply = await client.Transport.SendAsync(
                    new ApiCall(HttpMethod.Delete, $"{path}/{Uri.EscapeDataString(item.Key.Name)}") { Body = options }, cancellationToken);
                if (reply.StatusCode != 404)
                {
                    ApiClient.ThrowIfFailed(reply);
                }
            }
        }
        return await ListAsync(path, cancellationToken);
    }

    private async Task<IReadOnlyList<EncodedObject>> ListAsync(string path, CancellationToken cancellationToken) =>
        (await client.Transport.ListAsync(new ApiCall(HttpMethod.Get, path), cancellationToken)).Items;

    /// <summary>How long the last pod may take to end, a little less than which is when to look again.</summary>
    private TimeSpan GracePeriod(IReadOnlyList<EncodedObject> pods, DateTimeOffset deletedAt)
    {
        long longest = 0;
        foreach (var item in pods)
        {
            var pod = item.As<Pod>();
            if (!pod.IsTerminal())
            {
                longest = Math.Max(longest, pod.Metadata.DeletionGracePeriodSeconds ?? pod.Spec.TerminationGracePeriodSeconds ?? 0);
            }
        }
        var left = deletedAt + TimeSpan.FromSeconds(longest) - time.GetUtcNow();
        // Pods mostly end long before their time is up.
        return left / 2 is var half && half > TimeSpan.FromSeconds(2) ? TimeSpan.FromSeconds(2) : half > UsualWait ? half : UsualWait;
    }
}
