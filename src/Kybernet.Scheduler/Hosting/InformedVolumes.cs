using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Storage;
using Kybernet.Api.Storage.V1;
using Kybernet.Client;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Hosting;

/// <summary>What plugins have to know of storage, from informers.</summary>
internal sealed class InformedVolumes : IVolumeView
{
    private const string ByClass = "class";

    private readonly IInformer<PersistentVolumeClaim> _claims;
    private readonly IInformer<PersistentVolume> _volumes;
    private readonly IInformer<StorageClass> _classes;
    private readonly IInformer<CSINode> _nodes;

    public InformedVolumes(InformerFactory informers)
    {
        _claims = informers.Informer<PersistentVolumeClaim>();
        _volumes = informers.Informer<PersistentVolume>();
        _classes = informers.Informer<StorageClass>();
        _nodes = informers.Informer<CSINode>();
        _volumes.AddIndex(ByClass, static volume => [StorageClasses.ClassOf(volume)]);
    }

    /// <summary>Completes when all of it is known.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _claims.WaitForSyncAsync(cancellationToken),
        _volumes.WaitForSyncAsync(cancellationToken),
        _classes.WaitForSyncAsync(cancellationToken),
        _nodes.WaitForSyncAsync(cancellationToken));

    /// <summary>Tells the queue of changes from now on.</summary>
    public void Feed(SchedulingQueue queue)
    {
        Feed(_claims, queue, ClusterResource.PersistentVolumeClaim);
        Feed(_volumes, queue, ClusterResource.PersistentVolume);
        Feed(_classes, queue, ClusterResource.StorageClass);
        Feed(_nodes, queue, ClusterResource.CsiNode);
    }

    public PersistentVolumeClaim? Claim(NamespacedName key) => _claims.Get(key);

    public PersistentVolume? Volume(string name) => _volumes.Get(new NamespacedName("", name));

    public IReadOnlyList<PersistentVolume> VolumesOf(string storageClass) => _volumes.ByIndex(ByClass, storageClass);

    public StorageClass? Class(string name) => _classes.Get(new NamespacedName("", name));

    public CSINode? CsiNode(string name) => _nodes.Get(new NamespacedName("", name));

    private static void Feed<T>(IInformer<T> informer, SchedulingQueue queue, ClusterResource resource)
        where T : class, IResourceObject<T> => informer.AddHandler(new InformerHandler<T>(
            added => queue.MoveOn(EventOf(resource, ClusterActions.Add, added)),
            (_, current) => queue.MoveOn(EventOf(resource, ClusterActions.UpdateOther, current)),
            deleted => queue.MoveOn(EventOf(resource, ClusterActions.Delete, deleted))));

    private static ClusterEvent EventOf(ClusterResource resource, ClusterActions actions, IKubernetesObject item) =>
        new(resource, actions) { Object = new NamespacedName(item.Metadata.Namespace ?? "", item.Metadata.Name ?? "") };
}
