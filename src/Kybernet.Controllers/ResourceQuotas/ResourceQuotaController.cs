using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Quotas;
using Kybernet.Client;

namespace Kybernet.Controllers.ResourceQuotas;

/// <summary>
/// Counts what is used of each quota: when it changes, when something of its namespace goes, and every so often for kinds that nobody watches. The server
/// itself adds what is made.
/// </summary>
internal sealed class ResourceQuotaController(ApiClient client, ILister<ResourceQuota> quotas) : IReconciler
{
    private static readonly TimeSpan Resync = TimeSpan.FromMinutes(5);

    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("resourcequota-controller");
        var quotas = context.Informers.Informer<ResourceQuota>();
        var queue = context.Queue("resourcequota");
        // What the server adds to a quota as it lets things in is no reason to count: they may not have been stored yet.
        quotas.AddHandler(new InformerHandler<ResourceQuota>(
            onAdded: added => queue.Add(added.Metadata.Key()),
            onUpdated: (previous, current) =>
            {
                if (!Same(previous.Spec.Hard, current.Spec.Hard))
                {
                    queue.Add(current.Metadata.Key());
                }
            }));
        context.Informers.Informer<Pod>().AddHandler(new InformerHandler<Pod>(
            onUpdated: (previous, current) =>
            {
                if (current.IsTerminal() && !previous.IsTerminal())
                {
                    Wake(current.Metadata.Namespace, quotas, queue);
                }
            }));
        WakeOnDeletion<Pod>(context, quotas, queue);
        WakeOnDeletion<Service>(context, quotas, queue);
        WakeOnDeletion<Secret>(context, quotas, queue);
        WakeOnDeletion<ConfigMap>(context, quotas, queue);
        WakeOnDeletion<PersistentVolumeClaim>(context, quotas, queue);
        WakeOnDeletion<ReplicationController>(context, quotas, queue);
        WakeOnDeletion<ReplicaSet>(context, quotas, queue);
        WakeOnDeletion<Deployment>(context, quotas, queue);
        WakeOnDeletion<StatefulSet>(context, quotas, queue);
        WakeOnDeletion<Job>(context, quotas, queue);
        WakeOnDeletion<CronJob>(context, quotas, queue);
        context.Run("resourcequota", new ResourceQuotaController(client, quotas), queue, context.Options.Workers);
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (quotas.Get(key) is not { } quota)
        {
            return Requeue.OnChange;
        }
        var used = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var limit in quota.Spec.Hard.Keys)
        {
            used[limit] = Quantity.Zero;
        }
        var (served, _) = await new Discovery(client).FindAsync(cancellationToken);
        foreach (var counted in quota.Spec.Hard.Keys.Select(QuotaUsage.CountedBy).Distinct(StringComparer.Ordinal))
        {
            await CountAsync(quota, counted, served, used, cancellationToken);
        }
        var status = new ResourceQuotaStatus { Hard = quota.Spec.Hard, Used = used };
        if (!Same(status.Hard, quota.Status.Hard) || !Same(status.Used, quota.Status.Used))
        {
            await client.UpdateStatusAsync(quota with { Status = status }, cancellationToken);
        }
        return Requeue.In(Resync);
    }

    private static bool Same(IReadOnlyDictionary<string, Quantity> left, IReadOnlyDictionary<string, Quantity> right) =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var other) && entry.Value.CompareTo(other) == 0);

    private async Task CountAsync(
        ResourceQuota quota, string counted, IReadOnlyList<ServedResource> served, Dictionary<string, Quantity> used, CancellationToken cancellationToken)
    {
        var dot = counted.IndexOf('.', StringComparison.Ordinal);
        var resource = dot < 0 ? new GroupResource("", counted) : new GroupResource(counted[(dot + 1)..], counted[..dot]);
        if (served.FirstOrDefault(known => known.Resource.GroupResource == resource) is not { } found)
        {
            return; // not served, so there is none
        }
        var list = await client.Transport.ListAsync(
            new ApiCall(HttpMethod.Get, ResourcePath.Of(found.Resource, quota.Metadata.Namespace!)), cancellationToken);
        foreach (var item in list.Items)
        {
            foreach (var (limit, quantity) in QuotaUsage.Of(quota.Spec, resource, item))
            {
                // Only what this resource is counted for: a pod is no measure of claims.
                if (QuotaUsage.CountedBy(limit) == counted)
                {
                    used[limit] += quantity;
                }
            }
        }
    }

    private static void WakeOnDeletion<T>(ControllerContext context, ILister<ResourceQuota> quotas, WorkQueue<NamespacedName> queue)
        where T : class, IResourceObject<T> =>
        context.Informers.Informer<T>().AddHandler(new InformerHandler<T>(onDeleted: deleted => Wake(deleted.Metadata.Namespace, quotas, queue)));

    private static void Wake(string? @namespace, ILister<ResourceQuota> quotas, WorkQueue<NamespacedName> queue)
    {
        foreach (var quota in quotas.List(@namespace ?? ""))
        {
            queue.Add(quota.Metadata.Key());
        }
    }
}
