using Kybernet.Api.Storage.V1;

namespace Kybernet.ApiServer.Resources.Storage;

/// <summary>How the kinds of the storage group are shown.</summary>
internal static class StorageTables
{
    public static TableDefinition Classes { get; } = TableBuilder.For<StorageClass>()
        .Name(static item => IsDefault(item) ? item.Metadata.Name + " (default)" : item.Metadata.Name)
        .Text("Provisioner", "Who makes the volumes.", static item => item.Provisioner)
        .Text("ReclaimPolicy", "What happens to them when their claims go.", static item => item.ReclaimPolicy ?? "Delete")
        .Text("VolumeBindingMode", "When they are made.", static item => item.VolumeBindingMode ?? "Immediate")
        .Flag("AllowVolumeExpansion", "Whether they can grow.", static item => item.AllowVolumeExpansion == true)
        .Age()
        .Build();

    public static TableDefinition CsiDrivers { get; } = TableBuilder.For<CSIDriver>()
        .Name()
        .Flag("AttachRequired", "Whether volumes are attached to nodes.", static item => item.Spec.AttachRequired ?? true)
        .Flag("PodInfoOnMount", "Whether the driver is told of the pod.", static item => item.Spec.PodInfoOnMount == true)
        .Flag("StorageCapacity", "Whether the driver reports what is free.", static item => item.Spec.StorageCapacity == true)
        .Text("TokenRequests", "The audiences of the tokens that the driver gets.", static item => Join(item.Spec.TokenRequests.Select(request => request.Audience), "<unset>"))
        .Flag("RequiresRepublish", "Whether volumes are published again and again.", static item => item.Spec.RequiresRepublish == true)
        .Text("Modes", "What sort of volumes there are.", static item => Join(item.Spec.VolumeLifecycleModes, "<none>"))
        .Age()
        .Build();

    public static TableDefinition CsiNodes { get; } = TableBuilder.For<CSINode>()
        .Name()
        .Number("Drivers", "Number of drivers on the node.", static item => item.Spec.Drivers.Count)
        .Age()
        .Build();

    public static TableDefinition Attachments { get; } = TableBuilder.For<VolumeAttachment>()
        .Name()
        .Text("Attacher", "Who attaches the volume.", static item => item.Spec.Attacher)
        .Text("PV", "The volume.", static item => item.Spec.Source.PersistentVolumeName ?? "")
        .Text("Node", "The node that it is attached to.", static item => item.Spec.NodeName)
        .Flag("Attached", "Whether it is attached.", static item => item.Status.Attached)
        .Age()
        .Build();

    public static TableDefinition Capacities { get; } = TableBuilder.For<CSIStorageCapacity>()
        .Name()
        .Text("StorageClassName", "The class of storage.", static item => item.StorageClassName)
        .Text("Capacity", "How much is free.", static item => item.Capacity?.ToString() ?? "<unset>")
        .Build();

    public static TableDefinition AttributesClasses { get; } = TableBuilder.For<VolumeAttributesClass>()
        .Name()
        .Text("DriverName", "The driver that knows the attributes.", static item => item.DriverName)
        .Age()
        .Build();

    private static bool IsDefault(StorageClass storage) =>
        IsSet(storage, "storageclass.kubernetes.io/is-default-class") || IsSet(storage, "storageclass.beta.kubernetes.io/is-default-class");

    private static bool IsSet(StorageClass storage, string annotation) => storage.Metadata.Annotations.TryGetValue(annotation, out var value) && value == "true";

    private static string Join(IEnumerable<string> texts, string none) => string.Join(",", texts) is { Length: > 0 } joined ? joined : none;
}
