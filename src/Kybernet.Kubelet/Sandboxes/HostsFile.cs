using System.Text;
using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Sandboxes;

/// <summary>The <c>/etc/hosts</c> that a pod's containers share.</summary>
internal static class HostsFile
{
    public const string ContainerPath = "/etc/hosts";

    /// <summary>What is in it.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="addresses">Its addresses.</param>
    /// <param name="hostname">Its host name.</param>
    /// <param name="domain">The domain that its host name is in; empty for none.</param>
    /// <param name="hostContent">The host's own file, which pods of the host's network see.</param>
    public static string Build(Pod pod, IReadOnlyList<string> addresses, string hostname, string domain, string hostContent)
    {
        var text = new StringBuilder();
        if (pod.Spec.HostNetwork == true)
        {
            text.Append("# Kubernetes-managed hosts file (host network).\n").Append(hostContent);
        }
        else
        {
            text.Append("# Kubernetes-managed hosts file.\n");
            text.Append("127.0.0.1\tlocalhost\n");
            text.Append("::1\tlocalhost ip6-localhost ip6-loopback\n");
            text.Append("fe00::0\tip6-localnet\n");
            text.Append("fe00::0\tip6-mcastprefix\n");
            text.Append("fe00::1\tip6-allnodes\n");
            text.Append("fe00::2\tip6-allrouters\n");
            foreach (var address in addresses)
            {
                text.Append(domain.Length > 0 ? $"{address}\t{hostname}.{domain}\t{hostname}\n" : $"{address}\t{hostname}\n");
            }
        }
        if (pod.Spec.HostAliases.Count > 0)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in pod.Spec.HostAliases)
            {
                text.Append(alias.Ip).Append('\t').AppendJoin('\t', alias.Hostnames).Append('\n');
            }
        }
        return text.ToString();
    }
}
