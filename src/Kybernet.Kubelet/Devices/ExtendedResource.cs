namespace Kybernet.Kubelet.Devices;

/// <summary>Names of resources that are not Kubernetes' own.</summary>
internal static class ExtendedResource
{
    private const string Own = "kubernetes.io/";

    /// <summary>Whether devices may be called so: a domain, which is not Kubernetes', and a name.</summary>
    public static bool IsName(string resource)
    {
        var parts = resource.Split('/');
        return parts is [{ Length: > 0 and <= 253 }, { Length: > 0 and <= 63 }]
            && !resource.StartsWith("requests.", StringComparison.Ordinal)
            && !resource.Contains(Own, StringComparison.Ordinal)
            && resource.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '/')
            && char.IsAsciiLetterOrDigit(parts[1][0])
            && char.IsAsciiLetterOrDigit(parts[1][^1]);
    }
}
