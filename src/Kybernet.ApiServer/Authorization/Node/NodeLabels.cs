namespace Kybernet.ApiServer.Authorization.Node;

/// <summary>Which labels of its Node a kubelet may set: schedulers trust labels, so a node must not claim to be what it is not.</summary>
internal static class NodeLabels
{
    private static readonly HashSet<string> Allowed = new(StringComparer.Ordinal)
    {
        "kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os", "kubernetes.io/instance-type",
        "beta.kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
        "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
        "failure-domain.kubernetes.io/region", "failure-domain.kubernetes.io/zone",
    };

    /// <summary>The labels that differ and that a kubelet may not set, sorted.</summary>
    public static IReadOnlyList<string> ChangedAndRestricted(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string>? previous)
    {
        var changed = labels.Where(label => previous is null || !previous.TryGetValue(label.Key, out var value) || value != label.Value).Select(label => label.Key);
        var removed = previous?.Keys.Where(key => !labels.ContainsKey(key)) ?? [];
        return changed.Concat(removed).Where(IsRestricted).Order(StringComparer.Ordinal).ToArray();
    }

    private static bool IsRestricted(string key)
    {
        var slash = key.IndexOf('/');
        if (slash < 0)
        {
            return false;
        }
        var domain = key[..slash];
        if (Is(domain, "node-restriction.kubernetes.io"))
        {
            return true;
        }
        var isReserved = Is(domain, "kubernetes.io") || Is(domain, "k8s.io");
        return isReserved && !Allowed.Contains(key) && !Is(domain, "kubelet.kubernetes.io") && !Is(domain, "node.kubernetes.io");
    }

    private static bool Is(string domain, string suffix) =>
        domain == suffix || (domain.EndsWith(suffix, StringComparison.Ordinal) && domain[^(suffix.Length + 1)] == '.');
}
