using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage.V1;

namespace Kybernet.Scheduler.Framework;

/// <summary>What plugins have to know of storage. It lags a little behind, the scheduler's own writes included.</summary>
internal interface IVolumeView
{
    /// <summary>A claim; null where it is not known.</summary>
    PersistentVolumeClaim? Claim(NamespacedName key);

    /// <summary>A volume; null where it is not known.</summary>
    PersistentVolume? Volume(string name);

    /// <summary>The volumes of a storage class, empty for those of none.</summary>
    IReadOnlyList<PersistentVolume> VolumesOf(string storageClass);

    /// <summary>A storage class; null where it is not known.</summary>
    StorageClass? Class(string name);

    /// <summary>What CSI drivers say of a node; null where none does.</summary>
    CSINode? CsiNode(string name);
}
