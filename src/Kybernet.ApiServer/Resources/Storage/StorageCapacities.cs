using Kybernet.Api;
using Kybernet.Api.Storage.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Storage;

/// <summary>CSIStorageCapacities: how much is free of a class somewhere; only the amount changes.</summary>
internal static class StorageCapacities
{
    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var capacity = item.As<CSIStorageCapacity>();
        LabelRules.ValidateSelector(capacity.NodeTopology, FieldPath.Of("nodeTopology"), errors);
        errors.Invalid(FieldPath.Of("storageClassName"), capacity.StorageClassName, NameRules.Subdomain(capacity.StorageClassName));
        errors.NonNegative(capacity.Capacity, FieldPath.Of("capacity"));
    }

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (capacity, old) = (item.As<CSIStorageCapacity>(), previous.As<CSIStorageCapacity>());
        errors.Unchanged(capacity.NodeTopology, old.NodeTopology, FieldPath.Of("nodeTopology"));
        errors.Unchanged(capacity.StorageClassName, old.StorageClassName, FieldPath.Of("storageClassName"));
    }
}
