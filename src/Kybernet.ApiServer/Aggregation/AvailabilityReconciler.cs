using Kybernet.Api;
using Kybernet.Api.Apiregistration.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.Storage;
using Kybernet.Client;

namespace Kybernet.ApiServer.Aggregation;

/// <summary>
/// Keeps an APIService for each version of custom resources, and tells of every APIService whether its server answers: what upstream's registration and
/// availability controllers do. What other servers serve becomes part of this one's discovery.
/// </summary>
internal sealed class AvailabilityReconciler(StoreFollower follower, CustomResourceCatalog catalog, ServiceCheck check, ApiClient client, TimeProvider time) : IReconciler
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookAgainSoon = TimeSpan.FromSeconds(1);

    private readonly ResourceCache _services = follower.Cache(new Api.GroupResource(LocalServices.Group, "apiservices"));

    /// <inheritdoc/>
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        var version = LocalServices.VersionOf(key.Name);
        var isCustom = catalog.Current.Custom.Keys.Any(resource => resource.GroupVersion == version);
        if (_services.Find("", key.Name)?.As<APIService>() is not { } service)
        {
            catalog.Aggregate(version, RemoteResourceList.Empty);
            if (isCustom)
            {
                await client.CreateAsync(LocalServices.Custom(version), cancellationToken);
            }
            return Requeue.OnChange;
        }
        if (!isCustom && service.Metadata.Labels.GetValueOrDefault(LocalServices.ManagedLabel) == LocalServices.Always)
        {
            await client.DeleteAsync<APIService>("", key.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = service.Metadata.Uid } }, cancellationToken);
            return Requeue.OnChange;
        }
        var (availability, resources) = await check.LookAsync(service, cancellationToken);
        if (availability.IsAvailable)
        {
            catalog.Aggregate(version, resources);
        }
        var status = availability.In(service.Status, time.GetUtcNow());
        if (!ReferenceEquals(status, service.Status))
        {
            await client.UpdateStatusAsync(service with { Status = status }, cancellationToken);
        }
        return service.Spec.Service is null ? Requeue.OnChange : Requeue.In(availability.IsAvailable ? LookAgainAfter : LookAgainSoon);
    }
}
