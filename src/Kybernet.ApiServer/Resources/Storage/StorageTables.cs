using Kybernet.Api.Storage.V1;

namespace Kybernet.ApiServer.Resources.Storage;

/// <summary>How the kinds of the storage group are shown.</summary>
internal static class StorageTables
{
    public static TableDefinition Classes { get; } = new(
        [
            Columns.Name,
            Columns.Text("Provisioner", "Who makes the volumes."),
            Columns.Text("ReclaimPolicy", "What happens to them when their claims go."),
            Columns.Text("VolumeBindingMode", "When they are made."),
            Columns.Text("AllowVolumeExpansion", "Whether they can grow."),
            Columns.Age,
        ],
        static (item, now) =>
        {
            var storage = item.As<StorageClass>();
            var isDefault = IsSet(storage, "storageclass.kubernetes.io/is-default-class") || IsSet(storage, "storageclass.beta.kubernetes.io/is-default-class");
            return
            [
                isDefault ? storage.Metadata.Name + " (default)" : storage.Metadata.Name, storage.Provisioner, storage.ReclaimPolicy ?? "Delete",
                storage.VolumeBindingMode ?? "Immediate", storage.AllowVolumeExpansion == true ? "true" : "false", Columns.AgeOf(storage.Metadata, now),
            ];
        });

    public static TableDefinition CsiDrivers { get; } = new(
        [
            Columns.Name,
            Flag("AttachRequired", "Whether volumes are attached to nodes."),
            Flag("PodInfoOnMount", "Whether the driver is told of the pod."),
            Flag("StorageCapacity", "Whether the driver reports what is free."),
            Columns.Text("TokenRequests", "The audiences of the tokens that the driver gets."),
            Flag("RequiresRepublish", "Whether volumes are published again and again."),
            Columns.Text("Modes", "What sort of volumes there are."),
            Columns.Age,
        ],
        static (item, now) =>
        {
            var driver = item.As<CSIDriver>();
            var spec = driver.Spec;
            return
            [
                driver.Metadata.Name, Text(spec.AttachRequired ?? true), Text(spec.PodInfoOnMount), Text(spec.StorageCapacity),
                spec.TokenRequests.Count == 0 ? "<unset>" : string.Join(",", spec.TokenRequests.Select(request => request.Audience)),
                Text(spec.RequiresRepublish), spec.VolumeLifecycleModes.Count == 0 ? "<none>" : string.Join(",", spec.VolumeLifecycleModes),
                Columns.AgeOf(driver.Metadata, now),
            ];
        });

    public static TableDefinition CsiNodes { get; } = new(
        [Columns.Name, Columns.Number("Drivers", "Number of drivers on the node."), Columns.Age],
        static (item, now) =>
        {
            var node = item.As<CSINode>();
            return [node.Metadata.Name, (long)node.Spec.Drivers.Count, Columns.AgeOf(node.Metadata, now)];
        });

    public static TableDefinition Attachments { get; } = new(
        [
            Columns.Name,
            Columns.Text("Attacher", "Who attaches the volume."),
            Columns.Text("PV", "The volume."),
            Columns.Text("Node", "The node that it is attached to."),
            Flag("Attached", "Whether it is attached."),
            Columns.Age,
        ],
        static (item, now) =>
        {
            var attachment = item.As<VolumeAttachment>();
            return
            [
                attachment.Metadata.Name, attachment.Spec.Attacher, attachment.Spec.Source.PersistentVolumeName ?? "", attachment.Spec.NodeName,
                Text(attachment.Status.Attached), Columns.AgeOf(attachment.Metadata, now),
            ];
        });

    public static TableDefinition Capacities { get; } = new(
        [Columns.Name, Columns.Text("StorageClassName", "The class of storage."), Columns.Text("Capacity", "How much is free.")],
        static (item, _) =>
        {
            var capacity = item.As<CSIStorageCapacity>();
            return [capacity.Metadata.Name, capacity.StorageClassName, capacity.Capacity?.ToString() ?? "<unset>"];
        });

    public static TableDefinition AttributesClasses { get; } = new(
        [Columns.Name, Columns.Text("DriverName", "The driver that knows the attributes."), Columns.Age],
        static (item, now) =>
        {
            var attributes = item.As<VolumeAttributesClass>();
            return [attributes.Metadata.Name, attributes.DriverName, Columns.AgeOf(attributes.Metadata, now)];
        });

    private static bool IsSet(StorageClass storage, string annotation) => storage.Metadata.Annotations.TryGetValue(annotation, out var value) && value == "true";

    private static TableColumn Flag(string name, string description) => new(name, "boolean", "", description, 0);

    private static string Text(bool? flag) => flag == true ? "true" : "false";
}
