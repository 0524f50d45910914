using Kybernet.Api;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.Storage;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Aggregation;

/// <summary>Looks at the APIServices that change, at those of definitions that do, and at those whose Services do.</summary>
internal sealed class AggregationController(
    StoreFollower follower, CustomResourceCatalog catalog, RemoteServices remote, ServiceCheck check, ApiClient client, TimeProvider time, ILoggerFactory loggers)
{
    // One that does not answer must not keep the others waiting.
    private const int Workers = 4;

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var queue = new WorkQueue<NamespacedName>("apiservices", time);
        var services = follower.Cache(new GroupResource(LocalServices.Group, "apiservices"));
        void Add(GroupVersion version) => queue.Add(new NamespacedName("", LocalServices.NameOf(version)));
        using var changes = services.Subscribe(new Observer(item => queue.Add(item.Key)));
        using var definitions = follower.Cache(DefinitionTypes.Resource).Subscribe(new Observer(item =>
        {
            var spec = item.As<CustomResourceDefinition>().Spec;
            foreach (var version in spec.Versions)
            {
                Add(new GroupVersion(spec.Group, version.Name));
            }
            // A version that is taken out of it is in no definition any more.
            foreach (var name in services.Snapshot.Items.Values.Select(static service => service.Key).Where(key => LocalServices.VersionOf(key.Name).Group == spec.Group))
            {
                queue.Add(name);
            }
        }));
        var places = new Observer(item =>
        {
            foreach (var version in remote.Behind(item.Key))
            {
                Add(version);
            }
        });
        using var endpoints = follower.Cache(new GroupResource("", "endpoints")).Subscribe(places);
        using var backends = follower.Cache(new GroupResource("", "services")).Subscribe(places);
        var reconciler = new AvailabilityReconciler(follower, catalog, check, client, time);
        await new Controller("apiservices", reconciler, queue, Workers, loggers.CreateLogger<AggregationController>()).RunAsync(cancellationToken);
    }

    private sealed class Observer(Action<EncodedObject> changed) : IObjectObserver
    {
        public void OnChanged(EncodedObject item) => changed(item);

        public void OnDeleted(EncodedObject item) => changed(item);
    }
}
