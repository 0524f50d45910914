using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>The sources of pods' volumes that drivers have taken over from Kubernetes itself. They are rare, but are still held to their form.</summary>
internal static class InTreeVolumeValidation
{
    /// <summary>Says what is wrong with whichever of them a volume has.</summary>
    public static void Validate(Volume volume, FieldPath path, ref SourceCount sources, FieldErrors errors)
    {
        Network(volume, path, ref sources, errors);
        Cloud(volume, path, ref sources, errors);
        Vendors(volume, path, ref sources, errors);
    }

    private static void Network(Volume volume, FieldPath path, ref SourceCount sources, FieldErrors errors)
    {
        if (sources.IsFirst(volume.Nfs, "nfs"))
        {
            VolumeSources.Nfs(volume.Nfs!, path.Child("nfs"), errors);
        }
        if (sources.IsFirst(volume.GitRepo, "gitRepo"))
        {
            errors.Needs(volume.GitRepo!.Repository, path.Child("gitRepo"), "repository");
            PathRules.Descending(volume.GitRepo.Directory ?? "", path.Child("gitRepo").Child("directory"), errors);
        }
        if (sources.IsFirst(volume.Iscsi, "iscsi"))
        {
            Iscsi(volume.Iscsi!, path.Child("iscsi"), errors);
        }
        if (volume.Iscsi is { InitiatorName: not null } iscsi && volume.Name.Length + 1 + iscsi.TargetPortal.Length > 64)
        {
            errors.Invalid(path.Child("name"), volume.Name,
                "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.");
        }
        if (sources.IsFirst(volume.Glusterfs, "glusterfs"))
        {
            errors.Needs(volume.Glusterfs!.Endpoints, path.Child("glusterfs"), "endpoints");
            errors.Needs(volume.Glusterfs.Path, path.Child("glusterfs"), "path");
        }
        if (sources.IsFirst(volume.Rbd, "rbd"))
        {
            if (volume.Rbd!.Monitors.Count == 0)
            {
                errors.Required(path.Child("rbd").Child("monitors"));
            }
            errors.Needs(volume.Rbd.Image, path.Child("rbd"), "image");
        }
        if (sources.IsFirst(volume.Cephfs, "cephFS") && volume.Cephfs!.Monitors.Count == 0)
        {
            errors.Required(path.Child("cephfs").Child("monitors"));
        }
        if (sources.IsFirst(volume.Fc, "fc"))
        {
            VolumeSources.FibreChannel(volume.Fc!, path.Child("fc"), errors);
        }
    }

    private static void Cloud(Volume volume, FieldPath path, ref SourceCount sources, FieldErrors errors)
    {
        if (sources.IsFirst(volume.GcePersistentDisk, "gcePersistentDisk"))
        {
            VolumeSources.Disk(volume.GcePersistentDisk!.PdName, "pdName", volume.GcePersistentDisk.Partition, path.Child("persistentDisk"), errors);
        }
        if (sources.IsFirst(volume.AwsElasticBlockStore, "awsElasticBlockStore"))
        {
            var disk = volume.AwsElasticBlockStore!;
            VolumeSources.Disk(disk.VolumeID, "volumeID", disk.Partition, path.Child("awsElasticBlockStore"), errors);
        }
        if (sources.IsFirst(volume.Cinder, "cinder"))
        {
            errors.Needs(volume.Cinder!.VolumeID, path.Child("cinder"), "volumeID");
            SecretName(volume.Cinder.SecretRef, path.Child("cinder"), errors);
        }
        if (sources.IsFirst(volume.AzureFile, "azureFile"))
        {
            errors.Needs(volume.AzureFile!.SecretName, path.Child("azureFile"), "secretName");
            errors.Needs(volume.AzureFile.ShareName, path.Child("azureFile"), "shareName");
        }
        if (sources.IsFirst(volume.AzureDisk, "azureDisk"))
        {
            VolumeSources.AzureDisk(volume.AzureDisk!, path.Child("azureDisk"), errors);
        }
        if (sources.IsFirst(volume.VsphereVolume, "vsphereVolume"))
        {
            errors.Needs(volume.VsphereVolume!.VolumePath, path.Child("vsphereVolume"), "volumePath");
        }
        if (sources.IsFirst(volume.PhotonPersistentDisk, "photonPersistentDisk"))
        {
            errors.Needs(volume.PhotonPersistentDisk!.PdID, path.Child("photonPersistentDisk"), "pdID");
        }
    }

    private static void Vendors(Volume volume, FieldPath path, ref SourceCount sources, FieldErrors errors)
    {
        if (sources.IsFirst(volume.Flocker, "flocker"))
        {
            VolumeSources.Flocker(volume.Flocker!, path.Child("flocker"), errors);
        }
        if (sources.IsFirst(volume.Quobyte, "quobyte"))
        {
            VolumeSources.Quobyte(volume.Quobyte!, path.Child("quobyte"), errors);
        }
        if (sources.IsFirst(volume.FlexVolume, "flexVolume"))
        {
            VolumeSources.FlexOptions(volume.FlexVolume!.Driver, volume.FlexVolume.Options, path.Child("flexVolume"), errors);
        }
        if (sources.IsFirst(volume.PortworxVolume, "portworxVolume"))
        {
            errors.Needs(volume.PortworxVolume!.VolumeID, path.Child("portworxVolume"), "volumeID");
        }
        if (sources.IsFirst(volume.Storageos, "storageos"))
        {
            StorageOs(volume.Storageos!, path.Child("storageos"), errors);
        }
        if (sources.IsFirst(volume.ScaleIO, "scaleIO"))
        {
            errors.Needs(volume.ScaleIO!.Gateway, path.Child("scaleIO"), "gateway");
            errors.Needs(volume.ScaleIO.System, path.Child("scaleIO"), "system");
            errors.Needs(volume.ScaleIO.VolumeName, path.Child("scaleIO"), "volumeName");
        }
    }

    private static void Iscsi(ISCSIVolumeSource source, FieldPath path, FieldErrors errors)
    {
        errors.Needs(source.TargetPortal, path, "targetPortal");
        if (errors.Needs(source.Iqn, path, "iqn"))
        {
            VolumeSources.IscsiName(source.Iqn, path.Child("iqn"), errors);
        }
        if (source.Lun is < 0 or > 255)
        {
            errors.Invalid(path.Child("lun"), source.Lun, "must be between 0 and 255, inclusive");
        }
        if ((source.ChapAuthDiscovery == true || source.ChapAuthSession == true) && source.SecretRef is null)
        {
            errors.Required(path.Child("secretRef"));
        }
        VolumeSources.IscsiName(source.InitiatorName, path.Child("initiatorname"), errors);
    }

    private static void StorageOs(StorageOSVolumeSource source, FieldPath path, FieldErrors errors)
    {
        if (errors.Needs(source.VolumeName, path, "volumeName"))
        {
            errors.Name(source.VolumeName, path, "volumeName", NameRules.Label);
        }
        errors.Name(source.VolumeNamespace, path, "volumeNamespace", NameRules.Label);
        SecretName(source.SecretRef, path, errors);
    }

    private static void SecretName(LocalObjectReference? secret, FieldPath path, FieldErrors errors)
    {
        if (secret is not null && string.IsNullOrEmpty(secret.Name))
        {
            errors.Required(path.Child("secretRef").Child("name"));
        }
    }
}
