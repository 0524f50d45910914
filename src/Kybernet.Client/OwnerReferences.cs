using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Client;

/// <summary>Who an object belongs to.</summary>
public static class OwnerReferences
{
    /// <summary>The reference that makes an object the managing owner, whose deletion in the foreground waits for its dependents.</summary>
    public static OwnerReference ControllerOf(IKubernetesObject owner) => new()
    {
        ApiVersion = owner.ApiVersion,
        Kind = owner.Kind,
        Name = owner.Metadata.Name ?? "",
        Uid = owner.Metadata.Uid ?? "",
        Controller = true,
        BlockOwnerDeletion = true,
    };

    /// <summary>The managing owner; null where there is none.</summary>
    public static OwnerReference? Controller(this ObjectMeta metadata)
    {
        foreach (var owner in metadata.OwnerReferences)
        {
            if (owner.Controller == true)
            {
                return owner;
            }
        }
        return null;
    }

    /// <summary>Whether an object is managed by another.</summary>
    public static bool IsControlledBy(this ObjectMeta metadata, IKubernetesObject owner) => metadata.Controller()?.Uid == owner.Metadata.Uid;
}
