using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Sandboxes;

/// <summary>What a pod calls itself.</summary>
/// <param name="Name">Its host name.</param>
/// <param name="Domain">The domain that it is in; empty for none.</param>
internal readonly record struct PodHostname(string Name, string Domain)
{
    // What the kernel takes.
    private const int MaxLength = 63;

    public static PodHostname Of(Pod pod, string clusterDomain)
    {
        if (pod.Spec.HostnameOverride is { Length: > 0 } name)
        {
            return new PodHostname(name, "");
        }
        var host = pod.Spec.Hostname is { Length: > 0 } own ? own : Truncate(pod.Metadata.Name ?? "");
        var domain = pod.Spec.Subdomain is { Length: > 0 } subdomain ? $"{subdomain}.{pod.Metadata.Namespace}.svc.{clusterDomain}" : "";
        return new PodHostname(host, domain);
    }

    /// <summary>What <c>hostname</c> prints in the pod.</summary>
    public string InPod(Pod pod) => pod.Spec.SetHostnameAsFQDN == true && Domain.Length > 0 ? $"{Name}.{Domain}" : Name;

    private static string Truncate(string name) => name.Length <= MaxLength ? name : name[..MaxLength].TrimEnd('-', '.');
}
