namespace Kybernet.Api.Storage;

/// <summary>The annotations by which binder, scheduler and provisioners speak to each other on volumes and claims.</summary>
public static class VolumeAnnotations
{
    /// <summary>On a claim: its binding is complete; losing its volume is a loss from now on.</summary>
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";

    /// <summary>On either: the other was chosen by the binder rather than by the user, and may be let go.</summary>
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";

    /// <summary>On a volume: the provisioner that made it, and has to delete it.</summary>
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";

    /// <summary>On a claim: the provisioner that is to make its volume.</summary>
    public const string StorageProvisioner = "volume.kubernetes.io/storage-provisioner";

    /// <summary>The same by its older name, which provisioners still read.</summary>
    public const string BetaStorageProvisioner = "volume.beta.kubernetes.io/storage-provisioner";

    /// <summary>On a claim: the node that the scheduler wants the volume to be for.</summary>
    public const string SelectedNode = "volume.kubernetes.io/selected-node";

    /// <summary>On either: the storage class by the name that came before the field.</summary>
    public const string BetaStorageClass = "volume.beta.kubernetes.io/storage-class";

    /// <summary>On a storage class: it is the one of claims that name none.</summary>
    public const string IsDefaultClass = "storageclass.kubernetes.io/is-default-class";

    /// <summary>The same by its older name.</summary>
    public const string BetaIsDefaultClass = "storageclass.beta.kubernetes.io/is-default-class";
}
