using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.StaticPods;

/// <summary>The annotations by which static pods and their mirror pods are known.</summary>
internal static class StaticPodAnnotations
{
    /// <summary>Where a pod comes from: <c>file</c> for a static pod.</summary>
    public const string Source = "kubernetes.io/config.source";

    /// <summary>Of a static pod, what it is: another when its manifest is another.</summary>
    public const string Hash = "kubernetes.io/config.hash";

    /// <summary>When a static pod was first seen.</summary>
    public const string Seen = "kubernetes.io/config.seen";

    /// <summary>Of a mirror pod, the hash of the static pod that it stands for.</summary>
    public const string Mirror = "kubernetes.io/config.mirror";

    /// <summary>The source of pods that come from files.</summary>
    public const string FileSource = "file";

    /// <summary>Whether a pod is run because of a file, and not because the API server has it.</summary>
    public static bool IsStatic(Pod pod) => pod.Metadata.Annotations.TryGetValue(Source, out var source) && source == FileSource && !IsMirror(pod);

    /// <summary>Whether a pod of the API server only shows what runs because of a file.</summary>
    public static bool IsMirror(Pod pod) => pod.Metadata.Annotations.ContainsKey(Mirror);
}
