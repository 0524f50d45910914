using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Storage;
using Kybernet.Api.Storage.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.LocalPath;

/// <summary>Makes the volume of each claim that the binder hands over, on the node that the scheduler chose.</summary>
internal sealed class LocalPathClaims(
    ApiClient client,
    ILister<PersistentVolumeClaim> claims,
    ILister<StorageClass> classes,
    ILister<Node> nodes,
    NodeFolders folders,
    IEventRecorder events) : IReconciler
{
    private const string HostnameLabel = "kubernetes.io/hostname";

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (claims.Get(key) is { Spec.VolumeName: null or "", Metadata.DeletionTimestamp: null } claim
            && claim.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.StorageProvisioner) == LocalPathProvisioner.Name
            && classes.Get(new NamespacedName("", StorageClasses.ClassOf(claim))) is { } storageClass)
        {
            try
            {
                await ProvisionAsync(claim, storageClass, cancellationToken);
            }
            catch (Exception exception) when (exception is ApiException or ProvisioningException)
            {
                events.Record(
                    claim, EventType.Warning, "ProvisioningFailed", $"failed to provision volume with StorageClass \"{storageClass.Metadata.Name}\": {exception.Message}");
                if (exception is ApiException)
                {
                    throw;
                }
            }
        }
        return Requeue.OnChange;
    }

    private async Task ProvisionAsync(PersistentVolumeClaim claim, StorageClass storageClass, CancellationToken cancellationToken)
    {
        Check(claim);
        var selected = claim.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.SelectedNode)
            ?? throw new ProvisioningException("configuration error, no node was specified");
        var node = nodes.Get(new NamespacedName("", selected)) ?? throw new ProvisioningException($"node \"{selected}\" not found");
        var name = "pvc-" + claim.Metadata.Uid;
        events.Record(
            claim, EventType.Normal, "Provisioning", $"External provisioner is provisioning volume for claim \"{claim.Metadata.Namespace}/{claim.Metadata.Name}\"");
        var path = await folders.CreateAsync(selected, name, cancellationToken);
        try
        {
            await client.CreateAsync(VolumeOf(name, path, claim, storageClass, node), cancellationToken);
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            return; // made before; the binder has not got to it
        }
        events.Record(claim, EventType.Normal, "ProvisioningSucceeded", $"Successfully provisioned volume {name}");
    }

    private static void Check(PersistentVolumeClaim claim)
    {
        if (claim.Spec.Selector is not null)
        {
            throw new ProvisioningException("claim.Spec.Selector is not supported");
        }
        if (claim.Spec.AccessModes.Any(static mode => mode is not ("ReadWriteOnce" or "ReadWriteOncePod")))
        {
            throw new ProvisioningException("NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes");
        }
        if (claim.Spec.VolumeMode == "Block")
        {
            throw new ProvisioningException("local-path does not support block volumes");
        }
        if (claim.Spec.DataSource is not null || claim.Spec.DataSourceRef is not null)
        {
            throw new ProvisioningException("local-path does not support data sources");
        }
    }

    private static PersistentVolume VolumeOf(string name, string path, PersistentVolumeClaim claim, StorageClass storageClass, Node node) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Annotations = new Dictionary<string, string>
            {
                [VolumeAnnotations.ProvisionedBy] = LocalPathProvisioner.Name, [LocalPathProvisioner.NodeAnnotation] = node.Metadata.Name!,
            },
            Finalizers = [LocalPathProvisioner.Finalizer],
        },
        Spec = new PersistentVolumeSpec
        {
            AccessModes = claim.Spec.AccessModes,
            Capacity = new Dictionary<string, Quantity> { ["storage"] = VolumeMatching.RequestOf(claim) },
            ClaimRef = ObjectReferences.To(claim),
            Local = new LocalVolumeSource { Path = path },
            MountOptions = storageClass.MountOptions,
            NodeAffinity = AffinityTo(node),
            PersistentVolumeReclaimPolicy = storageClass.ReclaimPolicy,
            StorageClassName = storageClass.Metadata.Name,
            VolumeMode = "Filesystem",
        },
    };

    private static VolumeNodeAffinity AffinityTo(Node node)
    {
        var hostname = node.Metadata.Labels.GetValueOrDefault(HostnameLabel) ?? node.Metadata.Name!;
        var requirement = new NodeSelectorRequirement { Key = HostnameLabel, Operator = "In", Values = [hostname] };
        return new VolumeNodeAffinity { Required = new NodeSelector { NodeSelectorTerms = [new NodeSelectorTerm { MatchExpressions = [requirement] }] } };
    }
}
