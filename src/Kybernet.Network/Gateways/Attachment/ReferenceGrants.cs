using Kybernet.Api.Gateway.V1;
using Kybernet.Client;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>One end of a reference.</summary>
/// <param name="Group">The group of the kind.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The name.</param>
internal readonly record struct ReferenceEnd(string Group, string Kind, string Namespace, string Name);

/// <summary>Tells which references into other namespaces those namespaces allow.</summary>
internal sealed class ReferenceGrants(ILister<ReferenceGrant> grants)
{
    public bool IsAllowed(ReferenceEnd from, ReferenceEnd to)
    {
        if (from.Namespace == to.Namespace)
        {
            return true;
        }
        foreach (var grant in grants.List(to.Namespace))
        {
            if (grant.Spec.From.Any(allowed => allowed.Group == from.Group && allowed.Kind == from.Kind && allowed.Namespace == from.Namespace)
                && grant.Spec.To.Any(allowed => allowed.Group == to.Group && allowed.Kind == to.Kind && (allowed.Name ?? to.Name) == to.Name))
            {
                return true;
            }
        }
        return false;
    }
}
