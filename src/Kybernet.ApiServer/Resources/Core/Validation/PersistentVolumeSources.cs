using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>The sources of PersistentVolumes: each has exactly one. Many are those of pods, save that secrets are named with their namespace.</summary>
internal static class PersistentVolumeSources
{
    /// <summary>Says what is wrong with the source of a volume.</summary>
    public static void Validate(PersistentVolumeSpec spec, FieldPath path, FieldErrors errors)
    {
        var sources = new SourceCount(path, errors);
        if (sources.IsFirst(spec.HostPath, "hostPath"))
        {
            VolumeSources.HostPath(spec.HostPath!, path.Child("hostPath"), errors);
        }
        Cloud(spec, path, ref sources, errors);
        Network(spec, path, ref sources, errors);
        Vendors(spec, path, ref sources, errors);
        if (sources.IsFirst(spec.Local, "local"))
        {
            Local(spec, path, errors);
        }
        if (sources.IsFirst(spec.Csi, "csi"))
        {
            Csi(spec.Csi!, path.Child("csi"), errors);
        }
        if (sources.Count == 0)
        {
            errors.Required(path, "must specify a volume type");
        }
    }

    private static void Local(PersistentVolumeSpec spec, FieldPath path, FieldErrors errors)
    {
        if (errors.Needs(spec.Local!.Path, path.Child("local"), "path"))
        {
            PathRules.NoBacksteps(spec.Local.Path, path.Child("local").Child("path"), errors);
        }
        if (spec.NodeAffinity?.Required is null)
        {
            errors.Required(path.Child("nodeAffinity"), "Local volume requires node affinity");
        }
    }

    private static void Csi(CSIPersistentVolumeSource source, FieldPath path, FieldErrors errors)
    {
        VolumeSources.CsiDriver(source.Driver, path.Child("driver"), errors);
        errors.Needs(source.VolumeHandle, path, "volumeHandle");
        Secret(source.ControllerPublishSecretRef, path.Child("controllerPublishSecretRef"), errors);
        Secret(source.ControllerExpandSecretRef, path.Child("controllerExpandSecretRef"), errors);
        Secret(source.NodePublishSecretRef, path.Child("nodePublishSecretRef"), errors);
        Secret(source.NodeExpandSecretRef, path.Child("nodeExpandSecretRef"), errors);
    }

    private static void Cloud(PersistentVolumeSpec spec, FieldPath path, ref SourceCount sources, FieldErrors errors)
    {
        if (sources.IsFirst(spec.GcePersistentDisk, "gcePersistentDisk"))
        {
            VolumeSources.Disk(spec.GcePersistentDisk!.PdName, "pdName", spec.GcePersistentDisk.Partition, path.Child("persistentDisk"), errors);
        }
        if (sources.IsFirst(spec.AwsElasticBlockStore, "awsElasticBlockStore"))
        {
            var disk = spec.AwsElasticBlockStore!;
            VolumeSources.Disk(disk.VolumeID, "volumeID", disk.Partition, path.Child("awsElasticBlockStore"), errors);
        }
        if (sources.IsFirst(spec.Cinder, "cinder"))
        {
            errors.Needs(spec.Cinder!.VolumeID, path.Child("cinder"), "volumeID");
            Secret(spec.Cinder.SecretRef, path.Child("cinder").Child("secretRef"), errors);
        }
        if (sources.IsFirst(spec.AzureFile, "azureFile"))
        {
            errors.Needs(spec.AzureFile!.SecretName, path.Child("azureFile"), "secretName");
            errors.Needs(spec.AzureFile.ShareName, path.Child("azureFile"), "shareName");
        }
        if (sources.IsFirst(spec.AzureDisk, "azureDisk"))
        {
            VolumeSources.AzureDisk(spec.AzureDisk!, path.Child("azureDisk"), errors);
        }
        if (sources.IsFirst(spec.VsphereVolume, "vsphereVolume"))
        {
            errors.Needs(spec.VsphereVolume!.VolumePath, path.Child("vsphereVolume"), "volumePath");
        }
        if (sources.IsFirst(spec.PhotonPersistentDisk, "photonPersistentDisk"))
        {
            errors.Needs(spec.PhotonPersistentDisk!.PdID, path.Child("photonPersistentDisk"), "pdID");
        }
    }

    private static void Network(PersistentVolumeSpec spec, FieldPath path, ref SourceCount sources, FieldErrors errors)
    {
        if (sources.IsFirst(spec.Nfs, "nfs"))
        {
            VolumeSources.Nfs(spec.Nfs!, path.Child("nfs"), errors);
        }
        if (sources.IsFirst(spec.Glusterfs, "glusterfs"))
        {
            errors.Needs(spec.Glusterfs!.Endpoints, path.Child("glusterfs"), "endpoints");
            errors.Needs(spec.Glusterfs.Path, path.Child("glusterfs"), "path");
        }
        if (sources.IsFirst(spec.Rbd, "rbd"))
        {
            NeedsAny(spec.Rbd!.Monitors, path.Child("rbd").Child("monitors"), errors);
            errors.Needs(spec.Rbd.Image, path.Child("rbd"), "image");
        }
        if (sources.IsFirst(spec.Cephfs, "cephFS"))
        {
            NeedsAny(spec.Cephfs!.Monitors, path.Child("cephfs").Child("monitors"), errors);
        }
        if (sources.IsFirst(spec.Iscsi, "iscsi"))
        {
            Iscsi(spec.Iscsi!, path.Child("iscsi"), errors);
        }
        if (sources.IsFirst(spec.Fc, "fc"))
        {
            VolumeSources.FibreChannel(spec.Fc!, path.Child("fc"), errors);
        }
    }

    private static void Vendors(PersistentVolumeSpec spec, FieldPath path, ref SourceCount sources, FieldErrors errors)
    {
        if (sources.IsFirst(spec.Flocker, "flocker"))
        {
            VolumeSources.Flocker(spec.Flocker!, path.Child("flocker"), errors);
        }
        if (sources.IsFirst(spec.Quobyte, "quobyte"))
        {
            VolumeSources.Quobyte(spec.Quobyte!, path.Child("quobyte"), errors);
        }
        if (sources.IsFirst(spec.FlexVolume, "flexVolume"))
        {
            VolumeSources.FlexOptions(spec.FlexVolume!.Driver, spec.FlexVolume.Options, path.Child("flexVolume"), errors);
        }
        if (sources.IsFirst(spec.PortworxVolume, "portworxVolume"))
        {
            errors.Needs(spec.PortworxVolume!.VolumeID, path.Child("portworxVolume"), "volumeID");
        }
        if (sources.IsFirst(spec.Storageos, "storageos"))
        {
            errors.Needs(spec.Storageos!.VolumeName, path.Child("storageos"), "volumeName");
            errors.Name(spec.Storageos.VolumeName, path.Child("storageos"), "volumeName", NameRules.Label);
            errors.Name(spec.Storageos.VolumeNamespace, path.Child("storageos"), "volumeNamespace", NameRules.Label);
        }
        if (sources.IsFirst(spec.ScaleIO, "scaleIO"))
        {
            errors.Needs(spec.ScaleIO!.Gateway, path.Child("scaleIO"), "gateway");
            errors.Needs(spec.ScaleIO.System, path.Child("scaleIO"), "system");
            errors.Needs(spec.ScaleIO.VolumeName, path.Child("scaleIO"), "volumeName");
        }
    }

    private static void Iscsi(ISCSIPersistentVolumeSource source, FieldPath path, FieldErrors errors)
    {
        errors.Needs(source.TargetPortal, path, "targetPortal");
        if (errors.Needs(source.Iqn, path, "iqn"))
        {
            VolumeSources.IscsiName(source.Iqn, path.Child("iqn"), errors);
        }
        if (source.Lun is < 0 or > 255)
        {
            errors.Invalid(path.Child("lun"), source.Lun, Rules.Between(0, 255));
        }
        if ((source.ChapAuthDiscovery == true || source.ChapAuthSession == true) && source.SecretRef is null)
        {
            errors.Required(path.Child("secretRef"));
        }
        errors.Needs(source.SecretRef is { } secret ? secret.Name : "-", path.Child("secretRef"), "name");
        VolumeSources.IscsiName(source.InitiatorName, path.Child("initiatorname"), errors);
    }

    private static void Secret(SecretReference? secret, FieldPath path, FieldErrors errors)
    {
        if (secret is null)
        {
            return;
        }
        errors.Needs(secret.Name, path, "name");
        errors.Name(secret.Name, path, "name", NameRules.Subdomain);
        errors.Needs(secret.Namespace, path, "namespace");
        errors.Name(secret.Namespace, path, "namespace", NameRules.Label);
    }

    private static void NeedsAny(IReadOnlyList<string> values, FieldPath path, FieldErrors errors)
    {
        if (values.Count == 0)
        {
            errors.Required(path);
        }
    }
}
