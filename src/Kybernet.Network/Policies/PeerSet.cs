using Kybernet.Api.Selectors;

namespace Kybernet.Network.Policies;

/// <summary>The addresses of the pods that a peer selects.</summary>
internal sealed class PeerSet : AddressSet
{
    private readonly string? _namespace;
    private readonly Selector? _namespaces;
    private readonly Selector _pods;

    /// <summary>Pods of a namespace.</summary>
    public PeerSet(string @namespace, Selector pods)
        : base($"peers in {@namespace} with {pods}")
    {
        _namespace = @namespace;
        _pods = pods;
    }

    /// <summary>Pods of the namespaces that have some labels.</summary>
    public PeerSet(Selector namespaces, Selector pods)
        : base($"peers in those with {namespaces} with {pods}")
    {
        _namespaces = namespaces;
        _pods = pods;
    }

    /// <inheritdoc/>
    public override string TypeOf(IPFamily family) => family.AddressType;

    /// <inheritdoc/>
    public override IEnumerable<(IPFamily Family, string Element)> ElementsOf(PodEntry pod, IReadOnlyDictionary<string, string>? namespaceLabels)
    {
        var isOfNamespace = _namespaces is null ? _namespace == pod.Key.Namespace : namespaceLabels is not null && _namespaces.Matches(namespaceLabels);
        if (!isOfNamespace || !_pods.Matches(pod.Labels))
        {
            yield break;
        }
        foreach (var address in pod.Addresses)
        {
            yield return (IPFamily.Of(address), address.ToString());
        }
    }
}
