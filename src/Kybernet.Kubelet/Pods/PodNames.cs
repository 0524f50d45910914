using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Pods;

/// <summary>How messages name pods.</summary>
internal static class PodNames
{
    /// <summary>As in <c>web_default(5f0…)</c>.</summary>
    public static string Full(Pod pod) => $"{pod.Metadata.Name}_{pod.Metadata.Namespace}({pod.Metadata.Uid})";
}
