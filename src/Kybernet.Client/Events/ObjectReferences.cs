using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;

namespace Kybernet.Client;

/// <summary>Makes references to objects.</summary>
public static class ObjectReferences
{
    /// <summary>A reference to an object as it is now.</summary>
    public static ObjectReference To(IKubernetesObject target) => new()
    {
        ApiVersion = target.ApiVersion,
        Kind = target.Kind,
        Namespace = string.IsNullOrEmpty(target.Metadata.Namespace) ? null : target.Metadata.Namespace,
        Name = target.Metadata.Name,
        Uid = target.Metadata.Uid,
        ResourceVersion = target.Metadata.ResourceVersion,
    };

    /// <summary>A reference to a part of an object, as in <c>spec.containers{web}</c>.</summary>
    public static ObjectReference To(IKubernetesObject target, string fieldPath) => To(target) with { FieldPath = fieldPath };
}
