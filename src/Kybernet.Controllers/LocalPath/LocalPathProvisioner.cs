using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Storage;
using Kybernet.Api.Storage.V1;

namespace Kybernet.Controllers.LocalPath;

/// <summary>
/// The provisioner that a cluster has from the start: a volume is a folder of the node that its first pod was scheduled to. Nodes make and remove these
/// folders themselves, and say where they are.
/// </summary>
internal static class LocalPathProvisioner
{
    public const string Name = "kybernet.io/local-path";

    /// <summary>On a volume: the node that has the folder.</summary>
    public const string NodeAnnotation = "kybernet.io/local-path-node";

    /// <summary>On a volume: it may not go before its folder is gone.</summary>
    public const string Finalizer = "kybernet.io/local-path";

    /// <summary>The class that a cluster has from the start, and claims that name none get.</summary>
    public static StorageClass Class { get; } = new()
    {
        Metadata = new ObjectMeta { Name = "local-path", Annotations = new Dictionary<string, string> { [VolumeAnnotations.IsDefaultClass] = "true" } },
        Provisioner = Name,
        ReclaimPolicy = "Delete",
        VolumeBindingMode = "WaitForFirstConsumer",
        AllowVolumeExpansion = true,
    };

    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("local-path-provisioner");
        var events = context.Events(client, Name);
        var claims = context.Informers.Informer<PersistentVolumeClaim>();
        var volumes = context.Informers.Informer<PersistentVolume>();
        var classes = context.Informers.Informer<StorageClass>();
        var nodes = context.Informers.Informer<Node>();
        var folders = new NodeFolders(client);

        var claimQueue = context.Queue("local-path-provisioner");
        claimQueue.WakeOn(claims);
        context.Run("local-path-provisioner", new LocalPathClaims(client, claims, classes, nodes, folders, events), claimQueue, context.Options.Workers);

        var volumeQueue = context.Queue("local-path-remover");
        volumeQueue.WakeOn(volumes);
        context.Run("local-path-remover", new LocalPathVolumes(client, volumes, folders, events), volumeQueue, context.Options.Workers);

        var growQueue = context.Queue("local-path-resizer");
        growQueue.WakeOn(claims);
        context.Run("local-path-resizer", new LocalPathGrowth(client, claims, volumes, events, context.Time), growQueue, 1);

        // Once a start: who deletes the class does not want it, until the cluster is started again.
        var classQueue = context.Queue("local-path-class");
        classQueue.Add(Class.Metadata.Key());
        context.Run("local-path-class", new LocalPathClass(client), classQueue, 1);
    }

    /// <summary>Whether a volume is one of these.</summary>
    public static bool Made(PersistentVolume volume) => volume.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.ProvisionedBy) == Name;
}
