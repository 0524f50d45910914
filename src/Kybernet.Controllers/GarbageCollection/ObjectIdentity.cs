using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Controllers.GarbageCollection;

/// <summary>Which object it is, as its owner references or its own metadata tell.</summary>
/// <param name="ApiVersion">The group and version.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Key">For an owner that has not been seen, the namespace is its dependent's.</param>
/// <param name="Uid">What tells it from others of its name.</param>
internal sealed record ObjectIdentity(string ApiVersion, string Kind, NamespacedName Key, string Uid)
{
    public static ObjectIdentity Of(OwnerReference owner, string @namespace) => new(owner.ApiVersion, owner.Kind, new NamespacedName(@namespace, owner.Name), owner.Uid);

    public ObjectReference ToReference() => new()
    {
        ApiVersion = ApiVersion,
        Kind = Kind,
        Namespace = Key.Namespace.Length == 0 ? null : Key.Namespace,
        Name = Key.Name,
        Uid = Uid,
    };

    /// <summary>As upstream's messages spell it.</summary>
    public override string ToString() => $"[{ApiVersion}/{Kind}, namespace: {Key.Namespace}, name: {Key.Name}, uid: {Uid}]";
}
