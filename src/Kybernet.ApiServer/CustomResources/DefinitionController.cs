using Kybernet.Api;
using Kybernet.ApiServer.Storage;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>Looks at each definition that changes, and at its neighbours, which may have waited for a name of it.</summary>
internal sealed class DefinitionController(StoreFollower follower, CustomResourceCatalog catalog, ApiClient client, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var queue = new WorkQueue<NamespacedName>("customresourcedefinitions", time);
        using var subscription = follower.Cache(DefinitionTypes.Resource).Subscribe(new Observer(follower, queue));
        var reconciler = new DefinitionReconciler(follower, catalog, client, time);
        await new Controller("customresourcedefinitions", reconciler, queue, workers: 1, loggers.CreateLogger<DefinitionController>()).RunAsync(cancellationToken);
    }

    private sealed class Observer(StoreFollower follower, WorkQueue<NamespacedName> queue) : Authorization.IObjectObserver
    {
        public void OnChanged(EncodedObject item) => queue.Add(item.Key);

        public void OnDeleted(EncodedObject item)
        {
            foreach (var (_, other) in follower.Cache(DefinitionTypes.Resource).Snapshot.Items)
            {
                queue.Add(other.Key);
            }
        }
    }
}
