using Kybernet.Api;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Network.Gateways;

/// <summary>What objects are known by.</summary>
internal static class Keys
{
    /// <summary>An object's namespace and name.</summary>
    public static NamespacedName Key(this ObjectMeta metadata) => new(metadata.Namespace ?? "", metadata.Name ?? "");
}
