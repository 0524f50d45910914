using Kybernet.Api.Networking.V1;

namespace Kybernet.Network.Ingresses.Routing;

/// <summary>The oldest Ingress first; of two of the same second, the one whose name comes first.</summary>
internal sealed class IngressAge : IComparer<Ingress>
{
    public static IngressAge Comparer { get; } = new();

    public int Compare(Ingress? x, Ingress? y)
    {
        var (one, other) = (x!.Metadata, y!.Metadata);
        var byAge = Nullable.Compare(one.CreationTimestamp, other.CreationTimestamp);
        if (byAge != 0)
        {
            return byAge;
        }
        var byNamespace = string.CompareOrdinal(one.Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(one.Name, other.Name);
    }
}
